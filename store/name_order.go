package store

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
)

// NamePage is how many rows a list in the order of names shows at once.
const NamePage = 50

// NameCursor says where in a list in the order of name and id a page begins:
// after one row, or before one. The zero one is the beginning.
type NameCursor struct{ After, Before string }

// byName asks for one page of a table whose alias is x, and one row more.
func byName(tx *gorm.DB, table string, c NameCursor) *gorm.DB {
	tx = tx.Table(table + " x").Limit(NamePage + 1)
	where := func(sign, id string) {
		tx = tx.Where("(x.name, x.id) "+sign+" (SELECT k.name, k.id FROM "+table+" k WHERE k.id = ?)", id)
	}
	if c.Before != "" {
		where("<", c.Before)
		return tx.Order("x.name DESC, x.id DESC")
	}
	if c.After != "" {
		where(">", c.After)
	}
	return tx.Order("x.name, x.id")
}

// NameTurn is where the pages before and after this one begin.
type NameTurn struct{ Previous, Next *NameCursor }

// turned puts the rows of a page in order, cuts the one that was too many, and
// says where to turn to.
func turned[T any](rows []T, c NameCursor, id func(T) string) ([]T, NameTurn) {
	more := len(rows) > NamePage
	if more {
		rows = rows[:NamePage]
	}
	if c.Before != "" {
		slices.Reverse(rows)
	}
	var t NameTurn
	if len(rows) == 0 {
		return rows, t
	}
	first, last := id(rows[0]), id(rows[len(rows)-1])
	if c.Before != "" && more || c.After != "" {
		t.Previous = &NameCursor{Before: first}
	}
	if c.Before != "" || more {
		t.Next = &NameCursor{After: last}
	}
	return rows, t
}

// anywhere matches rows of which a column contains the words, whatever their
// case. The engines need not lower more than ASCII letters, so the words are
// looked for as typed as well, and beginning with a capital.
func anywhere(tx *gorm.DB, words string, columns ...string) *gorm.DB {
	if words == "" {
		return tx
	}
	first, size := utf8.DecodeRuneInString(words)
	patterns := []any{likePattern(strings.ToLower(words)), likePattern(words), likePattern(string(unicode.ToUpper(first)) + words[size:])}
	var either []string
	var args []any
	for _, c := range columns {
		either = append(either, "LOWER("+c+`) LIKE ? ESCAPE '\' OR `+c+` LIKE ? ESCAPE '\' OR `+c+` LIKE ? ESCAPE '\'`)
		args = append(args, patterns...)
	}
	return tx.Where("("+strings.Join(either, " OR ")+")", args...)
}

func likePattern(words string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(words) + "%"
}
