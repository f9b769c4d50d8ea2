package models

// ManifestDifferences are the sentences that say how an agent's manifest differs
// from an earlier one, what lets it do more first.
func ManifestDifferences(was, is Manifest) []Difference {
	var d diff
	d.value(false, "the agent is called ", was.Name, is.Name, "nothing")
	d.text("what the agent is for", was.Purpose, is.Purpose)
	d.value(false, "its provider is ", was.Provider, is.Provider, "not said")
	d.value(false, "it runs on the model ", was.Model, is.Model, "not said")
	if was.PromptDigest != is.PromptDigest {
		d.value(false, "its system prompt has the digest ", start(was.PromptDigest), start(is.PromptDigest), "none")
	}
	d.value(false, "its code is at version ", was.CodeVersion, is.CodeVersion, "not said")
	d.value(false, "its definition comes from ", was.Source, is.Source, "not said")
	d.list(false, was.Interfaces, is.Interfaces, "it is reached at ", "", "")
	d.value(is.ToolAccess == "unknown", "its tools: ", lower(WordsOf(ToolAccesses, was.ToolAccess)), lower(WordsOf(ToolAccesses, is.ToolAccess)), "not said")
	d.tools(was.Tools, is.Tools)
	d.list(true, was.Delegates, is.Delegates, "it hands work to ", "", "")
	d.list(true, environmentWords(was), environmentWords(is), "it runs in ", "", "")
	d.list(true, identityWords(was), identityWords(is), "it is recognised by ", "", "")
	d.list(false, was.ImportedNotes, is.ImportedNotes, "the import found odd: ", "“", "”")
	return d.sorted()
}

// tools: a tool whose description changed may be told to do something else.
func (d *diff) tools(was, is []ManifestTool) {
	old := map[string]string{}
	for _, t := range was {
		old[t.Name] = t.Digest
	}
	for _, t := range is {
		before, had := old[t.Name]
		delete(old, t.Name)
		switch {
		case !had:
			d.add(DiffAdded, true, "", "it has the tool ", "*"+t.Name)
		case before != t.Digest:
			d.add(DiffChanged, true, start(before), "the description of the tool "+t.Name+" has the digest ", "*"+start(t.Digest))
		}
	}
	for _, t := range was {
		if _, gone := old[t.Name]; gone {
			d.add(DiffRemoved, false, "", "it has the tool ", "*"+t.Name)
		}
	}
}

func environmentWords(m Manifest) []string {
	var out []string
	for _, e := range m.Environments {
		out = append(out, lower(WordsOf(Environments, e)))
	}
	return out
}

func identityWords(m Manifest) []string {
	var out []string
	for _, b := range m.Bindings {
		out = append(out, b.Subject+" of "+b.Issuer+", for "+b.Audience)
	}
	return out
}
