package handlers

import (
	"encoding/json"
	"strconv"
	"time"

	"countersign/ledger/receipt"
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// ReceiptFile is a receipt as a file that can be checked without the server
// (countersign verify FILE): for whom the receipt is.
func ReceiptFile(r *Request) error {
	p, err := receiptAsked(r)
	if err != nil {
		return err
	}
	f, err := receiptFile(r, p)
	if err != nil {
		return err
	}
	text, err := f.Bytes()
	if err != nil {
		return err
	}
	out := &download{r: r, kind: "application/json", name: "countersign-receipt-" + strconv.FormatInt(p.Seq, 10) + ".json"}
	_, err = out.Write(text)
	return err
}

func receiptFile(r *Request, p store.Proof) (receipt.File, error) {
	f := receipt.File{Format: receipt.Format, Entry: p.Said, Hash: p.Hash, Salt: p.Salt, Rows: []receipt.Row{}, Passkey: p.Passkey,
		Told: receipt.Told{At: r.Now().UTC().Format(time.RFC3339), By: r.App.PublicURL, Act: views.HistoryWhat(p.HistoryEntry), People: p.Names, Teams: p.Teams, Changes: []string{}}}
	if p.Body != "" {
		f.Details = json.RawMessage(p.Body)
	}
	for _, row := range p.Rows {
		text, err := models.Canonical(row)
		if err != nil {
			return f, err
		}
		f.Rows = append(f.Rows, receipt.Row{Table: row.TableName(), Row: json.RawMessage(text)})
	}
	if v := p.Version; v != nil {
		f.Version = &receipt.Version{ID: v.ID, Digest: v.Digest, Document: json.RawMessage(v.Document)}
		var page views.ReceiptFull
		whatWasShown(p, &page)
		for _, d := range page.Changes {
			f.Told.Changes = append(f.Told.Changes, d.Line())
		}
	}
	return f, nil
}
