package importers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// mistake is a place in a file that cannot be read. Lines and columns count from 1,
// columns in characters; a column of 0 is not known.
type mistake struct {
	line, column int
	message      string
	tooMuch      bool // it is too large or too deep, and nothing of it is to be read
}

func (m mistake) where() string {
	if m.column == 0 {
		return fmt.Sprintf("line %d", m.line)
	}
	return fmt.Sprintf("line %d, column %d", m.line, m.column)
}

func (m mistake) saying(message string) *mistake {
	m.message = message
	return &m
}

// refusing is m as the reason to read nothing at all.
func (m mistake) refusing(message string) *mistake {
	m.message, m.tooMuch = message, true
	return &m
}

// at is the place of the byte at offset.
func at(data []byte, offset int) mistake {
	before := data[:min(max(offset, 0), len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return mistake{line: 1 + bytes.Count(before, []byte{'\n'}), column: 1 + utf8.RuneCount(before[start:])}
}

// explain turns what encoding/json says into what its reader can do. It repeats nothing of
// the file but one character.
func explain(data []byte, err error) *mistake {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &mistake{line: 1, message: "The file could not be read as JSON."}
	}
	if strings.HasPrefix(syntax.Error(), "unexpected end") {
		return at(data, len(bytes.TrimRight(data, " \t\r\n"))).saying("The file ends too early: a closing brace, bracket or quotation mark is missing. Perhaps it was not copied whole.")
	}
	offset := int(syntax.Offset) - 1
	if before := bytes.TrimRight(data[:offset], " \t\r\n"); bytes.HasSuffix(before, []byte(",")) && (data[offset] == '}' || data[offset] == ']') {
		return at(data, len(before)-1).saying("There is a comma here with nothing after it. Remove it and import the file again.")
	}
	return at(data, offset).saying(problemAt(data, offset))
}

// problemAt says what is wrong with the byte at offset, where reading had to stop.
func problemAt(data []byte, offset int) string {
	letter, _ := utf8.DecodeRune(data[offset:])
	switch {
	case letter == '/' || letter == '#':
		return "There seems to be a comment here, which JSON does not allow. Remove it and import the file again."
	case letter == '\'' || letter == '“' || letter == '”':
		return "JSON wants straight double quotation marks (\") here. Replace this one and import the file again."
	case letter == '\n' || letter == '\r':
		return "A text is not closed before the end of its line. Add the missing quotation mark (\"), or write the line break as \\n."
	case letter < ' ':
		return fmt.Sprintf("There is a control character (U+%04X) here, which JSON does not allow. Remove it and import the file again.", letter)
	case json.Valid(data[:offset]):
		return "Something follows after the end of the JSON. Save only what stands from the first { to the last } that belongs to it, and import that."
	}
	return fmt.Sprintf("The character %s does not belong here. Often a comma or a quotation mark is missing just before it.", quote(string(letter)))
}
