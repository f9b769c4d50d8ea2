package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"countersign/models"
)

const (
	defaultBody = 2 << 20
	inMemory    = 1 << 20 // of a multipart form; the rest goes to temporary files
)

var errTooLarge = echo.NewHTTPError(http.StatusRequestEntityTooLarge)

// boundBody lets no more than the limit be read of a body. Where more than the
// usual is taken, it may take longer.
func boundBody(c echo.Context, limit int64) {
	if limit == 0 {
		limit = defaultBody
	}
	if limit > defaultBody {
		// Without a deadline to change (a test's recorder) there is none to miss.
		_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(5 * time.Minute))
	}
	req := c.Request()
	c.Set(unboundKey, req.Body)
	req.Body = http.MaxBytesReader(c.Response(), req.Body, limit)
}

const (
	unboundKey   = "countersign.unbound" // the body as it comes in
	lingersMost  = 32 << 20              // of what is beyond the limit
	lingersAtAll = 10 * time.Second
)

// linger takes some more of a body that was too large, and throws it away: where a connection
// is closed on what is still being sent, the sender's machine drops the answer unread, and a
// browser says that the site cannot be reached in place of what was wrong.
func linger(c echo.Context) {
	body, ok := c.Get(unboundKey).(io.Reader)
	if !ok {
		return
	}
	_ = http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(lingersAtAll)) // a test's recorder has none
	_, _ = io.CopyN(io.Discard, body, lingersMost)                                             // whatever comes of it
}

// readForm reads a posted form and the query before any handler does. Refused:
// a body that is no form or too large, invalid UTF-8, and NUL, which one of the
// databases would take and the other not.
func readForm(c echo.Context) error {
	req := c.Request()
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil || !clean(query) || !cleanText(req.URL.Path) {
		return errCharacters
	}
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return nil
	}
	switch kind, _, _ := mime.ParseMediaType(req.Header.Get(echo.HeaderContentType)); {
	case kind == echo.MIMEApplicationForm:
		err = req.ParseForm()
	case kind == echo.MIMEMultipartForm:
		err = req.ParseMultipartForm(inMemory)
	case req.ContentLength == 0:
		err = req.ParseForm()
	default:
		return echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return echo.NewHTTPError(http.StatusBadRequest)
	case !clean(req.PostForm):
		return errCharacters
	}
	return nil
}

var errCharacters = models.Refusal(models.Invalid, "input.characters",
	"What was sent holds characters that cannot be kept (a NUL, or text that is not UTF-8), so nothing was changed. Take them out and send it again.")

func clean(values url.Values) bool {
	for key, all := range values {
		if !cleanText(key) {
			return false
		}
		for _, v := range all {
			if !cleanText(v) {
				return false
			}
		}
	}
	return true
}

func cleanText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
