package store

import (
	"countersign/ledger/passkey"
	"countersign/models"
)

// signatures checks each passkey's word again, as somebody would who has nothing
// but the record: that the key signed what the row says, and that the key was that
// person's when it did.
func (v *verification) signatures() error {
	after := ""
	for {
		some, err := all[models.Signature](v.tx.Limit(followBatch), "id", "id > ?", after)
		if err != nil {
			return err
		}
		ids := set{}
		for _, s := range some {
			ids.add(s.PasskeyID)
		}
		keys, err := byID[models.Passkey](v.tx, ids.list())
		if err != nil {
			return err
		}
		for _, s := range some {
			after = s.ID
			k := keys[s.PasskeyID]
			if k.PersonID != s.PersonID || k.PublicKey != s.PublicKey || k.CredentialID != s.CredentialID || k.AddedAt > s.SignedAt || k.RemovedAt != nil && *k.RemovedAt < s.SignedAt {
				return misfit(s.TableName(), s.ID, 0, "The signature %s was not made with a passkey that was its person's then.", s.ID)
			}
			if err := checkSignature(s); err != nil {
				return err
			}
		}
		if len(some) < followBatch {
			return nil
		}
	}
}

func checkSignature(s models.Signature) error {
	if err := passkey.Check(s); err != nil {
		return misfit(s.TableName(), s.ID, 0, "The passkey's signature %s does not fit: %s.", s.ID, err)
	}
	return nil
}
