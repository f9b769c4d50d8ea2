package handlers

import (
	"net/http"
	"time"

	"countersign/models"
)

// MatrixExport sends what MatrixShow would show, all of it, as CSV: to whoever
// may see it, as it is now or was. It streams: memory does not grow with the lines.
func MatrixExport(r *Request) error {
	filter, _, wrong := r.matrixFilter()
	if wrong != "" {
		return &models.Error{Code: models.Invalid, Rule: "input", Message: "There is a problem with the moment to look back to.", Fields: []models.FieldError{{Field: "at", Message: wrong}}}
	}
	day := r.Now()
	if filter.At != nil {
		day = r.Local(*filter.At)
	}
	out := &download{r: r, kind: "text/csv; charset=utf-8; header=present", name: "countersign-matrix-" + day.Format(time.DateOnly) + ".csv"}
	return out.done(r.App.Store.MatrixCSV(r.Ctx(), r.Viewer, filter, out))
}

// download is a file that is sent while it is made. Its headers go with the first
// bytes, so that what fails before them is still an error page.
type download struct {
	r          *Request
	kind, name string
	begun      bool
}

// perWrite is how long the reader may take for each piece.
const perWrite = time.Minute

func (d *download) Write(b []byte) (int, error) {
	w := d.r.Response()
	// Without a deadline of its own a long export would end with the server's for a page.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(perWrite))
	if !d.begun {
		d.begun = true
		w.Header().Set("Content-Type", d.kind)
		w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.Write(b)
	if err == nil {
		w.Flush()
	}
	return n, err
}

// done breaks the connection off where the file did not come to its end: a file
// that ends in order would be taken for the whole.
func (d *download) done(err error) error {
	if err != nil && d.begun {
		_ = http.NewResponseController(d.r.Response()).SetWriteDeadline(time.Unix(1, 0))
	}
	return err
}
