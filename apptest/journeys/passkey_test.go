package journeys_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// ask has the page's passkey sign for one version, and gives the form of the page
// that answer: what a script would do that is not ours.
const ask = `(async () => {
	const form = document.querySelector("#decide-form"), body = new URLSearchParams(new FormData(form));
	body.set("decision", "sign");
	body.set("digest", DIGEST || form.elements.digest.value);
	const q = await (await fetch(HREF || form.dataset.passkey, {method: "POST", body})).json();
	if (q.says) return q.says;
	const key = await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(q.options.publicKey)});
	sessionStorage.setItem("answer", JSON.stringify(key.toJSON()));
	sessionStorage.setItem("challenge", q.challenge);
	return "";
})()`

// use puts what was signed into the form.
const use = `(() => {
	const form = document.querySelector("#decide-form");
	form.elements.answer.value = sessionStorage.getItem("answer");
	form.elements.challenge.value = sessionStorage.getItem("challenge");
	return "";
})()`

// Two people of different teams sign a critical version with their passkeys, after
// everything that does not count was tried.
func TestSigningWithAPasskey(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	version := "/versions/" + org.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Treasury agent'")
	other := org.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Salary explainer'")
	digest := org.One(t, "SELECT digest FROM versions WHERE id = '"+other+"'")
	of := " WHERE version_id = '" + strings.TrimPrefix(version, "/versions/") + "'"
	before := org.One(t, "SELECT id FROM sign_offs"+of)
	org.Client(t).Login("xu").SubmitForm("/sign-offs/"+before+"/recall", "/sign-offs/"+before+"/recall", app.Values{"reason": "I will look at it once more"}, 200)
	signed := func() string {
		return org.One(t, "SELECT count(*) FROM sign_offs"+of+" AND id <> '"+before+"'")
	}
	script := func(href, digest string) string {
		return strings.NewReplacer("HREF", browser.Quote(t, href), "DIGEST", browser.Quote(t, digest)).Replace(ask)
	}

	yara := browser.Open(t, org.App).SignIn("yara")
	key := yara.Authenticator()
	yara.Go("/me/passkeys").Sees("main", "Add a passkey").Sound("passkeys")
	yara.Fill("Name of the passkey", "Yara's blue key").Press("Add a passkey").Sees("main table", "Yara's blue key").Sees("main table", "Never")

	// Her authenticator does not know her.
	key.Verifies(false)
	yara.Go(version).Sees("#decide", "your browser asks for your passkey").Sound("decide-passkey")
	yara.Choose("Sign off").Fill("Your reason", "Read it all").PressAndStay("Send my decision").Sees("[data-passkey-says]", "Your passkey gave no answer")
	require.Equal(t, "0", signed())
	key.Verifies(true)

	// What she signed for another version does not count here.
	require.Empty(t, yara.Run(script("/versions/"+other+"/challenge", digest)))
	yara.Run(use)
	yara.Press("Send my decision").Sees("main", "signed something else")
	require.Equal(t, "0", signed())

	// A key that is not hers: it was never added.
	key.Unplug()
	yara.Authenticator()
	yara.Go(version).Choose("Sign off").PressAndStay("Send my decision").Sees("[data-passkey-says]", "Your passkey gave no answer")
	require.Equal(t, "0", signed())

	// She adds that one as well, signs, and cannot send the same answer again.
	yara.Go("/me/passkeys").Fill("Name of the passkey", "Second key").Press("Add a passkey").Sees("main table", "Second key")
	yara.Go(version)
	require.Empty(t, yara.Run(script("", "")))
	yara.Run(use)
	yara.Choose("Sign off").Press("Send my decision").Sees("h1", "You signed off version 1").Sees("main", "With a passkey")
	require.Equal(t, "1", signed())

	// Xu, of another team: a key that was removed meanwhile signs nothing.
	xu := browser.Open(t, org.App).SignIn("xu")
	xu.Authenticator()
	xu.Go("/me/passkeys").Fill("Name of the passkey", "Old").Press("Add a passkey").Sees("main table", "Old")
	xu.Go(version)
	require.Empty(t, xu.Run(script("", "")))
	beside := org.Client(t).Login("xu")
	id := org.One(t, "SELECT id FROM passkeys WHERE name = 'Old'")
	beside.SubmitForm("/me/passkeys/"+id, "/me/passkeys/"+id+"/remove", nil, 200)
	xu.Run(use)
	xu.Choose("Sign off").Press("Send my decision").Sees("main", "not one of yours")
	require.Equal(t, "1", signed())
	xu.Go("/me/passkeys").Fill("Name of the passkey", "New").Press("Add a passkey").Sees("main table", "New")
	xu.Go(version)
	xu.Run(use)
	xu.Choose("Sign off").Press("Send my decision").Sees("main", "Nothing was recorded")
	xu.Go(version).Choose("Sign off").Press("Send my decision").Sees("h1", "You signed off version 1")
	require.Equal(t, "2", signed())

	require.Equal(t, "live", org.One(t, "SELECT state FROM versions WHERE id = '"+strings.TrimPrefix(version, "/versions/")+"'"))
}
