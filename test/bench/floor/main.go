// Command floor answers the requests of the benchmark with as little as possible: net/http, a database driver, encoding/json
// and the check of a token. It has no contract, no log, no limits and no search index, and it trusts its clients. The
// service is compared with it.
package main

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/crypto/argon2"
	_ "modernc.org/sqlite"
)

// post has the members of the service's answers.
type post struct {
	ID          int64      `json:"id"`
	Title       string     `json:"title"`
	Content     string     `json:"content"`
	Published   bool       `json:"published"`
	OwnerID     int64      `json:"owner_id"`
	Owner       owner      `json:"owner"`
	Votes       int64      `json:"votes"`
	Version     int64      `json:"version"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	PublishedAt *time.Time `json:"published_at"`
}

type owner struct {
	ID   int64   `json:"id"`
	Name *string `json:"name"`
}

const columns = "SELECT p.id, p.title, p.content, p.published, p.owner_id, u.name, p.votes, p.version, p.created_at, p.updated_at, p.published_at " +
	"FROM posts p JOIN users u ON u.id = p.owner_id "

func (p *post) scan(row interface{ Scan(...any) error }) error {
	err := row.Scan(&p.ID, &p.Title, &p.Content, &p.Published, &p.OwnerID, &p.Owner.Name, &p.Votes, &p.Version, &p.CreatedAt, &p.UpdatedAt, &p.PublishedAt)
	p.Owner.ID = p.OwnerID
	return err
}

type statements struct{ one, list, search, create *sql.Stmt }

func prepare(db *sql.DB, search string) (s statements, err error) {
	for text, statement := range map[string]**sql.Stmt{
		columns + "WHERE p.id = $1 AND p.published":                                                    &s.one,
		columns + "WHERE p.published ORDER BY p.published_at DESC, p.id DESC LIMIT 20":                 &s.list,
		columns + "JOIN post_search s ON " + search + " WHERE p.published ORDER BY p.id DESC LIMIT 20": &s.search,
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version) " +
			"VALUES ($1, $2, $3, TRUE, 1, $4, $4, $4, 1) RETURNING id": &s.create, // so that the service does not index them
	} {
		if *statement, err = db.Prepare(text); err != nil {
			return s, fmt.Errorf("%s: %w", text, err)
		}
	}
	return s, nil
}

const (
	sqliteSearch   = "s.rowid = p.id AND s.words MATCH $1"
	postgresSearch = "s.post_id = p.id AND array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ $1::tsquery"
)

func main() {
	file := flag.String("sqlite", "", "the database `file` of the service")
	url := flag.String("postgres", "", "the `URL` of the service's database")
	flag.Parse()
	db, search, err := open(*file, *url)
	if err != nil {
		log.Fatal(err)
	}
	s, err := prepare(db, search)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	log.Fatal(http.Serve(listener, s.handler()))
}

func open(file, url string) (*sql.DB, string, error) {
	if url != "" {
		db, err := sql.Open("pgx", url)
		if err == nil {
			db.SetMaxOpenConns(12)
			db.SetMaxIdleConns(12)
		}
		return db, postgresSearch, err
	}
	db, err := sql.Open("sqlite", "file:"+file+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_txlock=immediate&_time_integer_format=unix_micro&_inttotime=1")
	if err == nil {
		db.SetMaxOpenConns(4)
		db.SetMaxIdleConns(4)
	}
	return db, sqliteSearch, err
}

func (s statements) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /posts/{id}", s.getOne)
	mux.HandleFunc("GET /posts", s.getList)
	mux.HandleFunc("POST /posts", s.postOne)
	mux.HandleFunc("POST /login", logIn)
	return mux
}

var key = []byte("the floor signs with a key of its own")

// caller returns the user that the token belongs to.
func caller(r *http.Request) (int64, error) {
	text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	token, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	if err != nil {
		return 0, err
	}
	subject, err := token.Claims.GetSubject()
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(subject, 10, 64)
}

func (s statements) getOne(w http.ResponseWriter, r *http.Request) {
	if _, err := caller(r); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	var p post
	if err := p.scan(s.one.QueryRowContext(r.Context(), id)); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	answer(w, http.StatusOK, p)
}

func (s statements) getList(w http.ResponseWriter, r *http.Request) {
	if _, err := caller(r); err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	statement, arguments := s.list, []any(nil)
	if word := r.URL.Query().Get("search"); word != "" {
		statement, arguments = s.search, []any{word}
	}
	rows, err := statement.QueryContext(r.Context(), arguments...)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = rows.Close() }()
	var page []post
	for rows.Next() {
		var p post
		if err := p.scan(rows); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		page = append(page, p)
	}
	answer(w, http.StatusOK, page)
}

func (s statements) postOne(w http.ResponseWriter, r *http.Request) {
	user, err := caller(r)
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := post{Published: true, OwnerID: user, Owner: owner{ID: user}, Version: 1, CreatedAt: now, UpdatedAt: now, PublishedAt: &now}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.create.QueryRowContext(r.Context(), user, p.Title, p.Content, now).Scan(&p.ID); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusCreated, p)
}

// logIn hashes the password with the service's parameters, and logs everybody in as the first user.
func logIn(w http.ResponseWriter, r *http.Request) {
	argon2.IDKey([]byte(r.PostFormValue("password")), []byte("sixteen octets.."), 2, 19456, 1, 32)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: "1", ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(key)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]string{"access_token": token})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
