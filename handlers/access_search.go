package handlers

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"

	"countersign/policy"
)

// foundActions is the answer to a search (AuthZEN 1.0, section 8).
type foundActions struct {
	Page    *foundPage    `json:"page,omitempty"`
	Results []foundAction `json:"results"`
}

type foundAction struct {
	Name string `json:"name"`
}

type foundPage struct {
	NextToken string `json:"next_token"` // "" at the end
	Count     int    `json:"count"`
}

// searchPage is which part of the results is asked for.
type searchPage struct {
	Token string `json:"token"`
	Limit *int   `json:"limit"`
}

// AccessSearchAction says what a subject may do with a resource, as far as the gateway may
// ask: what would be answered with yes now. It decides nothing and is not logged; the
// gateway asks again for each action that is to happen.
func AccessSearchAction(r *Request) error {
	gw, ok, err := r.admit()
	if !ok {
		return err
	}
	in, err := readAccess(r)
	if err != nil {
		return r.badAccess(err)
	}
	in.Action = accessAction{true, accessText{"any", true}} // a search leaves the action out
	req, err := in.request()
	if err != nil {
		return r.badAccess(err)
	}
	from, limit, paged, err := readSearchPage(in.Page)
	if err != nil {
		return r.badAccess(err)
	}
	actions, next, err := gw.decisions.Search(r.Ctx(), gw.key, req, from, limit)
	if err != nil {
		return r.undecided(err)
	}
	out := foundActions{Results: make([]foundAction, len(actions))}
	for i, name := range actions {
		out.Results[i] = foundAction{name}
	}
	if paged || next > 0 {
		out.Page = &foundPage{Count: len(actions)}
		if next > 0 {
			out.Page.NextToken = strconv.Itoa(next)
		}
	}
	return r.JSON(http.StatusOK, out)
}

// readSearchPage is where the page begins, and how much is on it.
func readSearchPage(page string) (from, limit int, paged bool, err error) {
	var in *searchPage // null is none
	if len(page) > 0 {
		if err := json.Unmarshal([]byte(page), &in); err != nil {
			return 0, 0, false, errors.New("page is not an object with a token and a limit")
		}
	}
	if in == nil {
		return 0, policy.MaxSearch, false, nil
	}
	limit = policy.MaxSearch
	if l := in.Limit; l != nil {
		if *l < 1 {
			return 0, 0, false, errors.New("page.limit is not a whole number from 1 on")
		}
		limit = min(*l, limit)
	}
	if t := in.Token; t != "" {
		if from, err = strconv.Atoi(t); err != nil || from < 1 {
			return 0, 0, false, errors.New("page.token is not one that was given")
		}
	}
	return from, limit, true, nil
}
