package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"countersign/models"
	"countersign/policy"
	"countersign/store"
)

// The decision point: OpenID AuthZEN Authorization API 1.0. A gateway sends its key as a
// bearer token (RFC 6750) and names the agent; see docs/decisions.md.

// mostEvaluations is how many one batch may have.
const mostEvaluations = 256

// accessAnswer is one answer; append says how it is sent.
type accessAnswer struct {
	Decision bool
	Context  *accessReasons
}

type accessReasons struct {
	ID           string // of the log's entry
	Rule         string
	Says         string // for a no: why; sent as reason_user and, with the remedy, as reason_admin
	Remedy       string
	Who          []string
	CapabilityID string
	VersionID    string
	Digest       string
	Error        *accessError
}

type accessError struct {
	Status  int
	Message string
}

// gateway is one caller of the decision point.
type gateway struct {
	decisions *store.Decisions
	key       string // its hash
}

// admit finds whose key it is. Refused with 401: none, or one that is not open.
func (r *Request) admit() (gateway, bool, error) {
	if id := r.Request().Header.Get(echo.HeaderXRequestID); plainID(id) && len(id) <= 128 {
		r.Response().Header().Set(echo.HeaderXRequestID, id)
		r.ID = id
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	d, err := r.App.Store.Decisions(r.Ctx())
	if err != nil {
		return gateway{}, false, err
	}
	scheme, key, _ := strings.Cut(r.Request().Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" {
		return gateway{}, false, r.unauthenticated("")
	}
	hash, _ := models.GatewayKeyOf(key)
	if _, open := d.Gateway(hash); !open {
		return gateway{}, false, r.unauthenticated("invalid_token")
	}
	return gateway{d, hash}, true, nil
}

// unauthenticated is 401 as RFC 6750, section 3, has it.
func (r *Request) unauthenticated(code string) error {
	challenge := `Bearer realm="countersign"`
	if code != "" {
		challenge += `, error="` + code + `"`
	}
	r.Response().Header().Set("WWW-Authenticate", challenge)
	return r.JSON(http.StatusUnauthorized, "a gateway’s key is needed, which is neither revoked nor expired")
}

// badAccess is 400 with a sentence, or what the reading of the body ended with.
func (r *Request) badAccess(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return r.JSON(http.StatusBadRequest, err.Error())
}

// AccessEvaluate answers one request.
func AccessEvaluate(r *Request) error {
	gw, ok, err := r.admit()
	if !ok {
		return err
	}
	in, err := readAccess(r)
	if err != nil {
		return r.badAccess(err)
	}
	req, err := in.request()
	if err != nil {
		return r.badAccess(err)
	}
	got, err := gw.decisions.Evaluate(r.Ctx(), gw.key, r.ID, req)
	if err != nil {
		return r.undecided(err)
	}
	return r.answered(answerOf(got))
}

// undecided: no answer is not a yes. The caller may ask again.
func (r *Request) undecided(err error) error {
	switch {
	case errors.Is(err, store.ErrKey):
		return r.unauthenticated("invalid_token")
	case models.CodeOf(err) == models.Busy:
		r.Response().Header().Set("Retry-After", "1")
		return r.JSON(http.StatusServiceUnavailable, err.Error())
	}
	return err
}

func answerOf(got store.Evaluated) accessAnswer {
	out := accessAnswer{Decision: got.Allow, Context: &accessReasons{ID: strconv.FormatInt(got.ID, 10), Rule: got.Rule}}
	if c := got.Capability; c != nil {
		out.Context.CapabilityID, out.Context.VersionID, out.Context.Digest = c.CapabilityID, c.VersionID, c.Digest
	}
	if !got.Allow {
		out.Context.Says, out.Context.Remedy, out.Context.Who = got.Says, got.Remedy, got.Who
	}
	return out
}

// AccessEvaluateAll answers a batch. Without evaluations it is one request.
func AccessEvaluateAll(r *Request) error {
	gw, ok, err := r.admit()
	if !ok {
		return err
	}
	in, err := readAccess(r)
	if err != nil {
		return r.badAccess(err)
	}
	if len(in.Evaluations) == 0 {
		req, err := in.request()
		if err != nil {
			return r.badAccess(err)
		}
		got, err := gw.decisions.Evaluate(r.Ctx(), gw.key, r.ID, req)
		if err != nil {
			return r.undecided(err)
		}
		return r.answered(answerOf(got))
	}
	if len(in.Evaluations) > mostEvaluations {
		return r.badAccess(fmt.Errorf("a batch has at most %d evaluations", mostEvaluations))
	}
	var answers []accessAnswer
	switch in.Semantic {
	case "", "execute_all":
		answers, err = r.all(gw, in)
	case "deny_on_first_deny":
		answers, err = r.until(gw, in, false)
	case "permit_on_first_permit":
		answers, err = r.until(gw, in, true)
	default:
		return r.badAccess(errors.New("options.evaluations_semantic is none of execute_all, deny_on_first_deny and permit_on_first_permit"))
	}
	if err != nil {
		return r.undecided(err)
	}
	return r.answeredAll(answers)
}

// item is one evaluation of a batch, with what it leaves to the batch.
func (in accessRequest) item(i int) (policy.Request, error) {
	x := in.Evaluations[i]
	if !x.Subject.there {
		x.Subject = in.Subject
	}
	if !x.Action.there {
		x.Action = in.Action
	}
	if !x.Resource.there {
		x.Resource = in.Resource
	}
	if !x.Context.there {
		x.Context = in.Context
	}
	return x.request()
}

// one answers an item; one that is malformed is denied, and says so.
func (r *Request) one(gw gateway, in accessRequest, i int) (accessAnswer, error) {
	req, err := in.item(i)
	if err != nil {
		return accessAnswer{Context: &accessReasons{Error: &accessError{http.StatusBadRequest, err.Error()}}}, nil
	}
	got, err := gw.decisions.Evaluate(r.Ctx(), gw.key, r.ID, req)
	if err != nil {
		return accessAnswer{}, err
	}
	return answerOf(got), nil
}

// batchWidth is how many items of a batch are under way at once: they share commits.
const batchWidth = 32

// all answers every item, in order.
func (r *Request) all(gw gateway, in accessRequest) ([]accessAnswer, error) {
	answers, errs := make([]accessAnswer, len(in.Evaluations)), make([]error, len(in.Evaluations))
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(batchWidth, len(answers)) {
		wait.Go(func() {
			for i := range next {
				answers[i], errs[i] = r.one(gw, in, i)
			}
		})
	}
	for i := range answers {
		next <- i
	}
	close(next)
	wait.Wait()
	return answers, errors.Join(errs...)
}

// until answers one item after the other, up to the first that decides.
func (r *Request) until(gw gateway, in accessRequest, decides bool) ([]accessAnswer, error) {
	var answers []accessAnswer
	for i := range in.Evaluations {
		a, err := r.one(gw, in, i)
		if err != nil {
			return nil, err
		}
		if answers = append(answers, a); a.Decision == decides {
			break
		}
	}
	return answers, nil
}

// AccessMetadata says where the decision point is (AuthZEN 1.0, section 9).
func AccessMetadata(r *Request) error {
	return r.JSON(http.StatusOK, map[string]string{
		"policy_decision_point":       r.App.PublicURL,
		"access_evaluation_endpoint":  r.App.PublicURL + "/access/v1/evaluation",
		"access_evaluations_endpoint": r.App.PublicURL + "/access/v1/evaluations",
		"search_action_endpoint":      r.App.PublicURL + "/access/v1/search/action",
	})
}
