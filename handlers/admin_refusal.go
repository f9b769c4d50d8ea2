package handlers

import (
	"errors"
	"net/http"

	"countersign/models"
	"countersign/views"
)

// redraw is how a form is drawn again: the status of the answer, and what is
// wrong. The zero redraw is a form that nobody has sent.
type redraw struct {
	status int
	errors views.Errors
}

func (a redraw) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// again sorts a refusal: it can be said on the page of the form, or it is
// another page's to say (ok is false). What the rule says of no field of its own
// is said of the given one, or of the form as a whole where that is "".
func again(err error, field string) (a redraw, ok bool) {
	var rule *models.Error
	if !errors.As(err, &rule) {
		return a, false
	}
	switch rule.Code {
	case models.Invalid:
		a.status = http.StatusUnprocessableEntity
	case models.Forbidden:
		a.status = http.StatusForbidden
	case models.Conflict:
		a.status = http.StatusConflict
	case models.Busy:
		a.status = http.StatusServiceUnavailable
	default:
		return a, false
	}
	for _, f := range rule.Fields {
		a.errors = append(a.errors, views.FieldError{Field: f.Field, Message: f.Message})
	}
	if len(rule.Fields) == 0 {
		a.errors = views.Errors{{Field: field, Message: rule.Message}}
	}
	return a, true
}

// headAfter is the frame of a page with a form, which says in the browser's title when
// the form was sent back.
func (r *Request) headAfter(title, section string, a redraw) views.PageHead {
	head := r.Head(title, section)
	head.Failed = len(a.errors) > 0
	return head
}

// newKeys are a form's hidden fields with a nonce of its own, for pages with
// several forms: a nonce that two of them shared would make the second one's
// act look like the first one's.
func (r *Request) newKeys() views.FormKeys {
	return views.FormKeys{CSRF: r.CSRF, ActID: r.NewActID()}
}

// done redirects with what the act did, or says that it was done before.
func (r *Request) done(receipt models.Receipt, to, said string) error {
	if receipt.Again {
		r.Flash(views.KindInfo, "This form was sent before. Nothing was done twice.")
	} else {
		r.Flash(views.KindSuccess, said)
	}
	return r.Redirect(to)
}
