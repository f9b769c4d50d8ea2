package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"countersign/policy"
)

// The body of a request of AuthZEN 1.0 (section 5) is read piece by piece, and its texts are
// parts of one copy of it: that takes a fraction of having it unmarshalled by types, and every
// decision pays for it. Unknown members are ignored, and null is a member that is not there; a
// name that comes twice, or text that is not UTF-8, is refused by the parser.

type accessRequest struct {
	Subject     accessEntity
	Action      accessAction
	Resource    accessEntity
	Context     accessContext
	Evaluations []accessRequest // not within one of them
	Semantic    string          // options.evaluations_semantic
	Page        string          // JSON; of a search
}

// accessText is a text that may be missing.
type accessText struct {
	is    string
	there bool
}

type accessEntity struct {
	there      bool
	Type, ID   accessText
	Properties policy.Properties
}

type accessAction struct {
	there bool
	Name  accessText
}

// deepestJSON is how deep a body may nest: no policy looks deeper.
const deepestJSON = 32

// bodyReader reads one body after the other, in the same room.
type bodyReader struct {
	buf  bytes.Buffer
	in   jsontext.Decoder
	body string // what is in buf
}

var bodies = sync.Pool{New: func() any { return new(bodyReader) }}

// readAccess reads a body. What it returns is a sentence for the caller's developer.
func readAccess(r *Request) (accessRequest, error) {
	if stated := r.Request().Header.Get("Content-Type"); stated != "application/json" {
		if kind, _, err := mime.ParseMediaType(stated); err != nil || kind != "application/json" {
			return accessRequest{}, errors.New("the content type is not application/json")
		}
	}
	d := bodies.Get().(*bodyReader) //nolint:forcetypeassert // nothing else is put in
	defer bodies.Put(d)
	d.buf.Reset()
	if _, err := d.buf.ReadFrom(r.Request().Body); err != nil {
		return accessRequest{}, err
	}
	return d.read()
}

// read reads what is in the buffer.
func (d *bodyReader) read() (accessRequest, error) {
	var in accessRequest
	if err := shallow(d.buf.Bytes()); err != nil {
		return in, err
	}
	d.body = d.buf.String()
	d.in.Reset(&d.buf)
	there, err := d.request(&in, true)
	if err == nil && !there {
		err = errors.New("it is null")
	}
	if err == nil {
		if _, err = d.in.ReadToken(); err == io.EOF { //nolint:errorlint // the decoder gives just this
			return in, nil
		}
		err = errors.Join(errors.New("something comes after it"), err)
	}
	return accessRequest{}, fmt.Errorf("the body is not a request: %w", err)
}

// shallow refuses what nests too deep, before anything is built of it. It only counts the
// brackets outside of strings: what else is wrong the parser finds.
func shallow(body []byte) error {
	if bytes.Count(body, []byte("{"))+bytes.Count(body, []byte("[")) <= deepestJSON {
		return nil
	}
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > deepestJSON {
				return fmt.Errorf("the body nests deeper than %d", deepestJSON)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// object reads an object, of which it hands out each member's name with the reader at its
// value. there is false for null.
func (d *bodyReader) object(what string, member func(name []byte) error) (there bool, err error) {
	switch d.in.PeekKind() {
	case jsontext.KindNull:
		return false, d.in.SkipValue()
	case jsontext.KindBeginObject:
	case jsontext.KindInvalid:
		return false, d.in.SkipValue() // which says what is wrong
	default:
		return false, errors.New(what + " is not an object")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return false, err
	}
	for d.in.PeekKind() != jsontext.KindEndObject {
		raw, err := d.in.ReadValue()
		if err != nil {
			return false, err
		}
		name, err := unquoted(raw)
		if err != nil {
			return false, err
		}
		if err := member(name); err != nil {
			return false, err
		}
	}
	_, err = d.in.ReadToken()
	return true, err
}

// unquoted is a string's text; without escapes it is a part of what is read.
func unquoted(raw jsontext.Value) ([]byte, error) {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	return jsontext.AppendUnquote(nil, raw)
}

func (d *bodyReader) request(in *accessRequest, whole bool) (bool, error) {
	return d.object("it", func(name []byte) (err error) {
		switch string(name) {
		case "subject":
			in.Subject, err = d.entity("subject")
		case "action":
			in.Action, err = d.action()
		case "resource":
			in.Resource, err = d.entity("resource")
		case "context":
			in.Context, err = d.context()
		case "evaluations":
			if !whole {
				return d.in.SkipValue()
			}
			in.Evaluations, err = d.evaluations()
		case "options":
			in.Semantic, err = d.semantic()
		case "page":
			in.Page, err = d.value()
		default:
			err = d.in.SkipValue()
		}
		return err
	})
}

func (d *bodyReader) evaluations() ([]accessRequest, error) {
	switch d.in.PeekKind() {
	case jsontext.KindNull, jsontext.KindInvalid:
		return nil, d.in.SkipValue()
	case jsontext.KindBeginArray:
	default:
		return nil, errors.New("evaluations is not a list")
	}
	if _, err := d.in.ReadToken(); err != nil {
		return nil, err
	}
	var out []accessRequest
	for d.in.PeekKind() != jsontext.KindEndArray {
		out = append(out, accessRequest{})
		if _, err := d.request(&out[len(out)-1], false); err != nil {
			return nil, err
		}
	}
	_, err := d.in.ReadToken()
	return out, err
}

func (d *bodyReader) semantic() (out string, err error) {
	_, err = d.object("options", func(name []byte) error {
		if string(name) != "evaluations_semantic" {
			return d.in.SkipValue()
		}
		text, err := d.text("options.evaluations_semantic")
		out = text.is
		return err
	})
	return out, err
}

func (d *bodyReader) entity(what string) (e accessEntity, err error) {
	e.there, err = d.object(what, func(name []byte) (err error) {
		switch string(name) {
		case "type":
			e.Type, err = d.text(what + ".type")
		case "id":
			e.ID, err = d.text(what + ".id")
		case "properties":
			e.Properties, err = d.properties(what)
		default:
			err = d.in.SkipValue()
		}
		return err
	})
	return e, err
}

func (d *bodyReader) action() (a accessAction, err error) {
	a.there, err = d.object("action", func(name []byte) (err error) {
		switch string(name) {
		case "name":
			a.Name, err = d.text("action.name")
		case "properties":
			_, err = d.properties("action") // no policy sees them
		default:
			err = d.in.SkipValue()
		}
		return err
	})
	return a, err
}

// context reads it to its end whatever a member of it is: one that is wrong spoils its own
// item of a batch alone.
func (d *bodyReader) context() (c accessContext, err error) {
	c.Volume = 1
	switch d.in.PeekKind() {
	case jsontext.KindBeginObject, jsontext.KindNull, jsontext.KindInvalid:
	default:
		c.there, c.bad = true, errors.New("context is not an object")
		return c, d.in.SkipValue()
	}
	d.in.PeekKind() // so that what is before the object is read
	begin := len(d.body) - len(d.in.UnreadBuffer())
	c.there, err = d.object("context", func(name []byte) error {
		to := c.known(string(name))
		switch {
		case to != nil:
			return d.member(&c, string(name), to)
		case string(name) == "volume" || string(name) == "act":
			n, v := string(name), any(nil)
			if err := json.UnmarshalDecode(&d.in, &v); err != nil {
				return err
			}
			c.number(n, v)
			return nil
		}
		return d.in.SkipValue()
	})
	if c.there && err == nil {
		c.Said = policy.Properties(strings.TrimLeft(d.body[begin:d.in.InputOffset()], " \t\r\n,:"))
	}
	return c, err
}

// member reads a known text of the context.
func (d *bodyReader) member(c *accessContext, name string, to *string) error {
	if d.in.PeekKind() != jsontext.KindString {
		c.bad = fmt.Errorf("context.%s is not a text", name)
		return d.in.SkipValue()
	}
	text, err := d.text(name)
	if *to = text.is; err == nil && !plainID(text.is) {
		c.bad = fmt.Errorf("context.%s is empty or too long, or has control characters", name)
	}
	return err
}

func (d *bodyReader) text(what string) (accessText, error) {
	switch d.in.PeekKind() {
	case jsontext.KindNull, jsontext.KindInvalid:
		return accessText{}, d.in.SkipValue()
	case jsontext.KindString:
	default:
		return accessText{}, errors.New(what + " is not a text")
	}
	text, err := d.value()
	switch {
	case err != nil:
		return accessText{}, err
	case strings.IndexByte(text, '\\') < 0:
		return accessText{text[1 : len(text)-1], true}, nil
	}
	plain, err := jsontext.AppendUnquote(nil, text)
	return accessText{string(plain), true}, err
}

func (d *bodyReader) properties(of string) (policy.Properties, error) {
	switch d.in.PeekKind() {
	case jsontext.KindNull, jsontext.KindInvalid:
		return "", d.in.SkipValue()
	case jsontext.KindBeginObject:
	default:
		return "", errors.New(of + ".properties is not an object")
	}
	text, err := d.value()
	return policy.Properties(text), err
}

// value is the next value as it stands in the body.
func (d *bodyReader) value() (string, error) {
	raw, err := d.in.ReadValue()
	if err != nil {
		return "", err
	}
	end := d.in.InputOffset()
	return d.body[end-int64(len(raw)) : end], nil
}
