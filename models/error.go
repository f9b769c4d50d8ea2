package models

import (
	"errors"
	"fmt"
)

// Code says what kind of refusal an Error is; web maps each to one HTTP status.
type Code string

const (
	Invalid   Code = "invalid"   // the input is wrong: 422, the form again with what was typed
	Forbidden Code = "forbidden" // this person may not: 403
	NotFound  Code = "not_found" // it is not there, or not for this person to see: 404
	Conflict  Code = "conflict"  // it changed meanwhile, or the state does not allow it: 409
	Stale     Code = "stale"     // a fresh sign-in is needed first: 401 with a way back
	Busy      Code = "busy"      // the write lock was not had in time: 503, try again
)

// FieldError is one wrong answer: Field is the form field's name.
type FieldError struct {
	Field   string
	Message string
}

// Error is the one error that a rule returns. Message is for the person who
// reads it; Rule is the id of the rule that refused, such as "separation.approver".
type Error struct {
	Code    Code
	Rule    string
	Message string
	Fields  []FieldError
}

func (e *Error) Error() string {
	if len(e.Fields) > 0 {
		return fmt.Sprintf("%s (%s: %s)", e.Message, e.Fields[0].Field, e.Fields[0].Message)
	}
	return e.Message
}

// CodeOf is the code of an Error anywhere in err's chain, or "".
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// FieldsOf are the field errors of an Error anywhere in err's chain.
func FieldsOf(err error) []FieldError {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

// RuleOf is the rule of an Error anywhere in err's chain, or "".
func RuleOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Rule
	}
	return ""
}

// Refusal makes an Error of the code, for the store's own refusals.
func Refusal(code Code, rule, format string, args ...any) *Error {
	return &Error{Code: code, Rule: rule, Message: fmt.Sprintf(format, args...)}
}

func forbidden(rule, format string, args ...any) error {
	return Refusal(Forbidden, rule, format, args...)
}

func conflict(rule, format string, args ...any) error {
	return Refusal(Conflict, rule, format, args...)
}

func notFound(what string) error {
	return Refusal(NotFound, "not_found", "There is no such %s, or it is not for you to see.", what)
}

// problems gathers field errors; err is nil while there are none.
type problems []FieldError

func (p *problems) add(field, format string, args ...any) {
	*p = append(*p, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Rule: "input", Message: "There is a problem with what was entered.", Fields: p}
}
