package idp

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

var (
	//go:embed login.html
	loginHTML string
	//go:embed style.css
	styleCSS string

	loginPage = template.Must(template.New("login").Parse(loginHTML))
)

// loginView is what the login page shows. Hinted are the people whom the
// application named (login_hint), drawn first.
type loginView struct {
	Action, Style, Request, Problem string
	Again                           bool // the application asked for a fresh sign-in
	Hinted, Others                  []Person
}

// ask shows everybody whom one may sign in as.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	p.draw(w, http.StatusOK, r.URL.Query().Get("id"), "")
}

// answer takes the choice and goes back to the application. Refused: a request
// that is unknown or over, and somebody who is not on the list.
func (p *Provider) answer(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form could not be read.", http.StatusBadRequest)
		return
	}
	id := r.PostForm.Get("id")
	if !p.storage.choose(id, r.PostForm.Get("subject")) {
		p.draw(w, http.StatusUnprocessableEntity, id, "That is nobody on this list. Choose one of these people.")
		return
	}
	http.Redirect(w, r, p.path+"/authorize/callback?id="+url.QueryEscape(id), http.StatusSeeOther)
}

func (p *Provider) draw(w http.ResponseWriter, status int, id, problem string) {
	asked, people, ok := p.storage.asked(id)
	view := loginView{Action: p.path + "/login", Style: p.path + "/style.css", Request: id, Problem: problem}
	if !ok {
		status, view.Request = http.StatusNotFound, ""
		view.Problem = "This sign-in is over or was never begun. Go back to Countersign and sign in from there."
		people = nil
	} else {
		view.Again = asked.again
	}
	for _, person := range people {
		if asked.hint != "" && (asked.hint == person.Email || asked.hint == person.Subject) {
			view.Hinted = append(view.Hinted, person)
		} else {
			view.Others = append(view.Others, person)
		}
	}
	var page bytes.Buffer
	if err := loginPage.Execute(&page, view); err != nil {
		http.Error(w, "The page could not be drawn.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // a reader that went away is not our error
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(styleCSS)) // a reader that went away is not our error
}
