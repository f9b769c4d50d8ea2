package handlers

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"countersign/models"
)

// signing is how the posted form signs: for which team, for whom, and what the
// authenticator answered.
func (r *Request) signing() models.Signing {
	how := models.Signing{For: r.Form("for"), TeamID: r.Form("team"), Comment: r.Form("reason"), Minutes: models.MinutesOf(r.Form("minutes")), Review: r.Form("review"), Answer: r.Form("answer")}
	if r.App.Passkeys != nil {
		how.Verify = r.App.Passkeys.Signed
	}
	return how
}

// shownOf is what the posted form says that it showed of a version.
func (r *Request) shownOf(version string) models.Shown {
	round, _ := strconv.Atoi(r.Form("round")) // what is no number is no round that there is
	return models.Shown{VersionID: version, Digest: r.Form("digest"), Round: round}
}

const noPasskeys = "Passkeys cannot be used at this address. Browsers want a name with https there, or localhost. An administrator sets the installation's public address."

// decisionNamed are the decisions for which a passkey may be asked, by the name in forms.
var decisionNamed = map[string]string{chooseSign: models.DecisionSignOff, "emergency": models.DecisionBreakGlass, models.ReviewKeep: models.DecisionKeep}

// PasskeyAsk gives the browser the question that the viewer's passkey is to
// answer for the decision in the posted form. JSON, for the page's script: the
// options of WebAuthn Level 3, 5.5, or what is in the way.
func PasskeyAsk(r *Request) error {
	return r.asked(func() (models.Challenge, []byte, error) {
		decision, ok := decisionNamed[r.Form("decision")]
		if !ok {
			return models.Challenge{}, nil, models.Refusal(models.Invalid, "input", "Choose one of the three.")
		}
		c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Param("id"))
		if err != nil {
			return models.Challenge{}, nil, err
		}
		if len(c.Passkeys) == 0 {
			return models.Challenge{}, nil, models.Refusal(models.Forbidden, "passkey.none", "A sign-off here takes a passkey, and you have none. Add one to your page first.")
		}
		if err := r.unnamed(); err != nil {
			return models.Challenge{}, nil, err
		}
		approval, err := c.ApprovalOf(decision, r.shownOf(r.Param("id")), r.signing())
		if err != nil {
			return models.Challenge{}, nil, err
		}
		return r.App.Passkeys.Sign(r.Viewer.Person, c.Passkeys, approval, models.At(r.App.Now()))
	})
}

// PasskeyNewAsk gives the browser the question with which a new passkey of the
// viewer answers.
func PasskeyNewAsk(r *Request) error {
	return r.asked(func() (models.Challenge, []byte, error) {
		if !r.Fresh() {
			return models.Challenge{}, nil, models.Refusal(models.Stale, "passkey.fresh", "Adding a passkey asks for a fresh sign-in. Sign in again first.")
		}
		keys, err := r.App.Store.Passkeys(r.Ctx(), r.Viewer)
		if err != nil {
			return models.Challenge{}, nil, err
		}
		return r.App.Passkeys.Enrol(r.Viewer.Person, keys, models.At(r.App.Now()))
	})
}

// asked keeps the question and sends it. What a rule refuses is said to the
// script, which shows it beside the button.
func (r *Request) asked(begin func() (models.Challenge, []byte, error)) error {
	if r.App.Passkeys == nil {
		return r.JSON(http.StatusForbidden, map[string]string{"says": noPasskeys})
	}
	question, options, err := begin()
	if err == nil {
		err = r.App.Store.Ask(r.Ctx(), question)
	}
	var rule *models.Error
	if errors.As(err, &rule) {
		says := rule.Message
		for _, f := range rule.Fields {
			says += " " + f.Message
		}
		return r.JSON(http.StatusConflict, map[string]string{"says": says})
	}
	if err != nil {
		return err
	}
	r.Response().Header().Set("Cache-Control", "no-store")
	return r.JSON(http.StatusOK, struct {
		Challenge string          `json:"challenge"`
		Options   json.RawMessage `json:"options"`
	}{question.ID, options})
}
