// Command gin answers the requests of the benchmark as many Go services do: with gin and gorm, used as their documentation shows.
// It has no contract, no log, no limits and no search, and it trusts its clients. It supports only PostgreSQL.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// user is the owner of posts. The table and its columns are those of the service.
type user struct {
	ID   int64   `json:"id"`
	Name *string `json:"name"`
}

// post has the members of the service's answers.
type post struct {
	ID             int64      `json:"id"`
	Title          string     `json:"title" binding:"required,max=300"`
	Content        string     `json:"content" binding:"required,max=100000"`
	Published      bool       `json:"published"`
	OwnerID        int64      `json:"owner_id"`
	Owner          *user      `json:"owner" gorm:"foreignKey:OwnerID"`
	Votes          int64      `json:"votes"`
	Version        int64      `json:"version"`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
	PublishedAt    *time.Time `json:"published_at"`
	IndexedVersion int64      `json:"-"` // so that the service does not index it
}

func main() {
	url := flag.String("postgres", "", "the `URL` of the service's database")
	flag.Parse()
	db, err := gorm.Open(postgres.Open(*url))
	if err != nil {
		log.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		log.Fatal(err)
	}
	pool.SetMaxOpenConns(12)
	pool.SetMaxIdleConns(12)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	log.Fatal(http.Serve(listener, newRouter(db)))
}

func newRouter(db *gorm.DB) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.POST("/login", logIn)
	posts := router.Group("/posts", authenticate)
	posts.GET("", func(c *gin.Context) { list(c, db) })
	posts.GET("/:id", func(c *gin.Context) { getOne(c, db) })
	posts.POST("", func(c *gin.Context) { create(c, db) })
	return router
}

var key = []byte("this server signs with a key of its own")

// logIn logs everybody in as the first user.
func logIn(c *gin.Context) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: "1", ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(key)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, gin.H{"access_token": token})
}

const caller = "caller" // the key of the user in a request's context

func authenticate(c *gin.Context) {
	text := strings.TrimPrefix(c.GetHeader("Authorization"), "Bearer ")
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	id, idErr := strconv.ParseInt(claims.Subject, 10, 64)
	if err != nil || idErr != nil {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
	c.Set(caller, id)
}

func getOne(c *gin.Context, db *gorm.DB) {
	var p post
	if err := db.WithContext(c).Joins("Owner").Where("published").First(&p, c.Param("id")).Error; err != nil {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.JSON(http.StatusOK, p)
}

func list(c *gin.Context, db *gorm.DB) {
	var page []post
	if err := db.WithContext(c).Joins("Owner").Where("published").Order("published_at DESC, posts.id DESC").Limit(20).Find(&page).Error; err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.JSON(http.StatusOK, page)
}

func create(c *gin.Context, db *gorm.DB) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	p := post{Published: true, Version: 1, PublishedAt: &now, IndexedVersion: 1}
	if err := c.ShouldBindJSON(&p); err != nil {
		c.AbortWithStatus(http.StatusUnprocessableEntity)
		return
	}
	p.OwnerID, p.CreatedAt, p.UpdatedAt = c.GetInt64(caller), now, now
	if err := db.WithContext(c).Omit("Owner").Create(&p).Error; err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	p.Owner = &user{ID: p.OwnerID}
	c.JSON(http.StatusCreated, p)
}
