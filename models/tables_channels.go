package models

import "encoding/json"

// Endpoint is a hook to which notices are posted: a person's own, or the organisation's.
type Endpoint struct {
	ID        string   `json:"id" gorm:"primaryKey"`
	PersonID  *string  `json:"person_id"` // nil: the organisation's
	Name      string   `json:"name"`
	Style     string   `json:"style"` // standard, slack, teams, pagerduty
	URL       string   `json:"url"`   // a secret where the style says so; "" once it ended
	Secret    string   `json:"secret"`
	Host      string   `json:"host"`   // of URL, as pages show it
	Urgent    int      `json:"urgent"` // 1: only what is urgent
	State     string   `json:"state"`  // on, off, gone
	CreatedBy string   `json:"created_by"`
	CreatedAt Instant  `json:"created_at"`
	EndedAt   *Instant `json:"ended_at"`
	Record
}

// States of an endpoint.
const (
	EndpointOn   = "on"
	EndpointOff  = "off"
	EndpointGone = "gone" // it answered that it is not there any more
)

// MarshalJSON is what the record commits to: the digests of the URL and of the secret
// in their place, so that no receipt and no export holds them.
func (e Endpoint) MarshalJSON() ([]byte, error) {
	type plain Endpoint
	p := plain(e)
	for _, s := range []*string{&p.URL, &p.Secret} {
		if *s != "" {
			*s = Digest(*s)
		}
	}
	return json.Marshal(p)
}

func (Endpoint) TableName() string { return "endpoints" }
func (e Endpoint) Key() string     { return e.ID }

// Calendar is the secret address of a person's feed of what is due; only its hash is kept.
type Calendar struct {
	ID        string   `json:"id" gorm:"primaryKey"`
	PersonID  string   `json:"person_id"`
	Hash      string   `json:"hash"` // SHA-256 of the token, hex
	CreatedAt Instant  `json:"created_at"`
	EndedAt   *Instant `json:"ended_at"`
	Record
}

func (Calendar) TableName() string { return "calendars" }
func (c Calendar) Key() string     { return c.ID }

// OutboxRow is a notice as it was recorded with the change that it tells of.
type OutboxRow struct {
	ID        string `gorm:"primaryKey"`
	Key       string
	Kind      string
	Recipient string // a person, or a group such as "pool:approver", expanded when it is sent
	Subject   string
	Actor     string // who did it; "" or "system" for the clock
	Detail    string // canonical JSON of what else it says; "" for nothing
	CreatedAt Instant
	SentAt    *Instant // given to the channels
}

func (OutboxRow) TableName() string { return "outbox" }

// Delivery is a notice on its way to one address; its id is the key of each try.
type Delivery struct {
	ID         string `gorm:"primaryKey"`
	OutboxID   string
	Kind       string // of the notice
	PersonID   *string
	EndpointID *string
	Channel    string  // mail, webhook, page
	Recipient  string  // the person's id, or the endpoint's
	Address    string  // as the register shows it
	State      string  // waiting, digest, delivered, given_up, none
	Why        string  // of what was not sent: see NotSent
	DigestID   *string // the message that it went out with
	Tries      int
	NextAt     *Instant // of the next try, while it waits
	CreatedAt  Instant
	EndedAt    *Instant
}

// Channels, and states of a delivery.
const (
	ByMail    = "mail"
	ByWebhook = "webhook"
	ByPage    = "page" // there is no other way to tell them

	DeliveryWaiting   = "waiting"
	DeliveryInDigest  = "digest" // waits for the day's message, or went with it
	DeliveryDelivered = "delivered"
	DeliveryGivenUp   = "given_up"
	DeliveryNone      = "none" // only the page tells it
)

// NotSent is why a delivery was not sent, as the register says it.
var NotSent = []Choice{
	{"settled", "what it was about was settled before it was sent"},
	{"no_address", "they have no e-mail address here"},
	{"no_mail_server", "no mail server is set up"},
	{"mail_off", "they asked for no mail of what is not urgent"},
	{"hook_ended", "the hook was taken away, or said that it is gone"},
	{"nobody", "there was nobody to tell but whoever did it"},
	{"left", "they are no longer active here"},
}

// Values of NotSent.
const (
	NotSettled      = "settled"
	NotNoAddress    = "no_address"
	NotNoMailServer = "no_mail_server"
	NotMailOff      = "mail_off"
	NotHookEnded    = "hook_ended"
	NotNobody       = "nobody"
	NotLeft         = "left"
)

func (Delivery) TableName() string { return "deliveries" }

// DeliveryTry is one attempt.
type DeliveryTry struct {
	DeliveryID string `gorm:"primaryKey"`
	No         int    `gorm:"primaryKey;autoIncrement:false"`
	At         Instant
	Outcome    string // delivered, later, refused
	Said       string // what the other side said, or what went wrong
}

func (DeliveryTry) TableName() string { return "delivery_tries" }
