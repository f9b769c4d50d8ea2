package soft

import (
	"sync"

	"countersign/ledger/passkey"
	"countersign/models"
)

// Ring has a key for each of some people.
type Ring struct {
	party *passkey.Party
	mu    sync.Mutex
	keys  map[string]*Key // by person
}

// NewRing is an empty ring for a relying party.
func NewRing(party *passkey.Party) *Ring { return &Ring{party: party, keys: map[string]*Key{}} }

func (r *Ring) key(person string) *Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[person]
}

// Add is the act by which a person takes a new key into use; f has their keys.
func (r *Ring) Add(f models.AdminFacts) (models.Change, error) {
	who := f.By.Person
	asked, options, err := r.party.Enrol(who, f.Passkeys, f.Now)
	if err != nil {
		return models.Change{}, err
	}
	key := New(r.party.ID(), r.party.Origin())
	answer, err := key.Enrol(options)
	if err != nil {
		return models.Change{}, err
	}
	f.Challenge = &asked
	change, err := f.AddPasskey("Key of "+who.Name, answer, r.party.Enrolled)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.keys[who.ID] = key
	}
	return change, err
}

// SignOff is a sign-off, with the person's key where one is asked for; f has
// their keys.
func (r *Ring) SignOff(f models.CapabilityFacts, shown models.Shown, how models.Signing) (models.Change, error) {
	if err := r.answer(models.DecisionSignOff, &f, shown, &how); err != nil {
		return models.Change{}, err
	}
	return f.SignOff(shown, how)
}

// BreakGlass opens an emergency, with the person's key where one is asked for.
func (r *Ring) BreakGlass(f models.CapabilityFacts, shown models.Shown, how models.Signing) (models.Change, error) {
	if err := r.answer(models.DecisionBreakGlass, &f, shown, &how); err != nil {
		return models.Change{}, err
	}
	return f.BreakGlass(shown, how)
}

// CloseReview closes a review, with the person's key where keeping asks for one.
func (r *Ring) CloseReview(f models.CapabilityFacts, id string, how models.Closing) (models.Change, error) {
	if how.Outcome == models.ReviewKeep && f.Force != nil && f.Force.NeedsPasskey() && r.key(f.By.Person.ID) != nil {
		how.How.Review = id
		if err := r.ask(models.DecisionKeep, &f, how.Shown, &how.How); err != nil {
			return models.Change{}, err
		}
	}
	return f.CloseReview(id, how)
}

// answer asks and answers, where a passkey is asked for and the person has one here.
func (r *Ring) answer(decision string, f *models.CapabilityFacts, shown models.Shown, how *models.Signing) error {
	if r.key(f.By.Person.ID) == nil || !f.AsksPasskey(shown) {
		return nil
	}
	return r.ask(decision, f, shown, how)
}

func (r *Ring) ask(decision string, f *models.CapabilityFacts, shown models.Shown, how *models.Signing) error {
	key := r.key(f.By.Person.ID)
	approval, err := f.ApprovalOf(decision, shown, *how)
	if err != nil {
		return err
	}
	asked, options, err := r.party.Sign(f.By.Person, f.Passkeys, approval, f.Now)
	if err != nil {
		return err
	}
	if how.Answer, err = key.Sign(options); err != nil {
		return err
	}
	f.Challenge, how.Verify = &asked, r.party.Signed
	return nil
}
