package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"iter"
	"time"
)

// tally is what there is to compare of a table.
type tally struct {
	rows int64
	hash [sha256.Size]byte // of all rows, in the order of the key
	mark int64             // the highest id that was ever given out
}

func (t tally) String() string { return fmt.Sprintf("%9d rows  sha256:%x", t.rows, t.hash) }

// tallier takes the tally of rows that pass by. Each value is hashed as a letter for its kind and a fixed number of octets, or,
// for text, its length and its octets, so that no two tables give the same octets.
type tallier struct {
	rows   int64
	hash   hash.Hash
	buffer []byte
}

func newTallier(t copiedTable) *tallier {
	s := &tallier{hash: sha256.New()}
	for _, name := range append([]string{t.name}, t.columns...) {
		s.buffer = appendText(s.buffer, name)
	}
	s.hash.Write(s.buffer)
	return s
}

// through passes rows on.
func (s *tallier) through(rows iter.Seq2[[]any, error], bar *progress) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for row, err := range rows {
			if err == nil {
				err = s.add(row)
			}
			if !yield(row, err) || err != nil {
				return
			}
			bar.step()
		}
	}
}

func (s *tallier) add(row []any) (err error) {
	s.buffer = s.buffer[:0]
	for _, value := range row {
		if s.buffer, err = appendValue(s.buffer, value); err != nil {
			return err
		}
	}
	s.hash.Write(s.buffer)
	s.rows++
	return nil
}

func appendValue(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, 'n'), nil
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v)), nil
	case string:
		return appendText(b, v), nil
	case bool:
		if v {
			return append(b, 'b', 1), nil
		}
		return append(b, 'b', 0), nil
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, 't'), uint64(v.UnixMicro())), nil
	}
	return nil, fmt.Errorf("a %T is not a value that can be copied", value)
}

func appendText(b []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint64(append(b, 's'), uint64(len(text))), text...)
}

func (s *tallier) tally(mark int64) tally {
	return tally{rows: s.rows, hash: [sha256.Size]byte(s.hash.Sum(nil)), mark: mark}
}
