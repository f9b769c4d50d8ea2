package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
)

// Canonical is v as RFC 8785 canonical JSON.
func Canonical(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("cannot marshal %T: %w", v, err)
	}
	out, err := jcs.Transform(raw)
	if err != nil {
		return "", fmt.Errorf("cannot canonicalise %T: %w", v, err)
	}
	return string(out), nil
}

// Digest is the SHA-256 of a canonical document, in hex.
func Digest(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:])
}

// canonical is for our own structs, which always marshal; what a person typed
// has been checked to be valid UTF-8 before it comes here.
func canonical(v any) string {
	s, err := Canonical(v)
	if err != nil {
		return "null"
	}
	return s
}
