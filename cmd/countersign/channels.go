package main

import (
	"fmt"
	"os"
	"strings"

	"countersign/jobs"
	"countersign/notify"
	"countersign/store"
	"countersign/web"
)

// channels are the flags of how people are told.
type channels struct {
	SMTPHost         string `name:"smtp-host" help:"The mail server. Without it no mail is sent." env:"COUNTERSIGN_SMTP_HOST"`
	SMTPPort         int    `name:"smtp-port" help:"Its port; 0 is the usual one: 587, or 465 with tls." env:"COUNTERSIGN_SMTP_PORT" default:"0"`
	SMTPTLS          string `name:"smtp-tls" help:"How the connection is protected: starttls, tls, or none for a server on this machine." env:"COUNTERSIGN_SMTP_TLS" default:"starttls"`
	SMTPUsername     string `name:"smtp-username" help:"Our name at the mail server." env:"COUNTERSIGN_SMTP_USERNAME"`
	SMTPPassword     string `name:"smtp-password" help:"Our password there. Better in a file." env:"COUNTERSIGN_SMTP_PASSWORD"`
	SMTPPasswordFile string `name:"smtp-password-file" help:"A file with the password." env:"COUNTERSIGN_SMTP_PASSWORD_FILE" type:"path"`
	SMTPFrom         string `name:"smtp-from" help:"The address that mail comes from, such as \"Countersign <countersign@example.com>\"." env:"COUNTERSIGN_SMTP_FROM"`
	WebhookAllow     string `name:"webhook-allow" help:"Networks, addresses and host names that hooks may lead to although they are not of the public internet." env:"COUNTERSIGN_WEBHOOK_ALLOW"`
}

// read is the mail server, nil for none, and what hooks may reach, with what is wrong in
// the flags, a sentence each.
func (c channels) read() (mail *notify.Mail, allow notify.Allow, problems []string) {
	allow, err := notify.ParseAllow(c.WebhookAllow)
	if err != nil {
		problems = append(problems, fmt.Sprintf("What hooks may lead to cannot be read: %v (COUNTERSIGN_WEBHOOK_ALLOW).", err))
	}
	if c.SMTPHost == "" {
		if c.SMTPFrom+c.SMTPUsername+c.SMTPPassword+c.SMTPPasswordFile != "" {
			problems = append(problems, "Mail is set up in part: the mail server's host is missing (COUNTERSIGN_SMTP_HOST).")
		}
		return nil, allow, problems
	}
	password := c.SMTPPassword
	if c.SMTPPasswordFile != "" {
		if password != "" {
			problems = append(problems, "The mail server's password is given twice: as COUNTERSIGN_SMTP_PASSWORD and as a file. Keep one.")
		}
		raw, err := os.ReadFile(c.SMTPPasswordFile)
		if err != nil {
			problems = append(problems, fmt.Sprintf("The file with the mail server's password cannot be read: %v.", err))
		}
		password = strings.TrimSpace(string(raw))
	}
	mail = &notify.Mail{Host: c.SMTPHost, Port: c.SMTPPort, TLS: c.SMTPTLS, Username: c.SMTPUsername, Password: password, From: c.SMTPFrom}
	if err := mail.Check(); err != nil {
		problems = append(problems, fmt.Sprintf("Mail cannot be sent: %v (COUNTERSIGN_SMTP_…).", err))
	}
	return mail, allow, problems
}

// sender brings notices to where they go; a nil mail sends none.
func sender(st *store.Store, publicURL string, mail *notify.Mail, allow notify.Allow) *jobs.Sender {
	return &jobs.Sender{Store: st, Mail: mail, Hooks: notify.Webhooks{Allow: allow}, PublicURL: strings.TrimSuffix(publicURL, "/"), Now: st.Now}
}

// shown is what pages say of it.
func shown(mail *notify.Mail, allow notify.Allow) web.Channels {
	c := web.Channels{Allow: allow}
	if mail != nil {
		c.MailHost, c.MailFrom = mail.Host, mail.From
	}
	return c
}
