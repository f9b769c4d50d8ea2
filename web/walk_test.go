package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/store"
	"countersign/web"
)

// The walkers, each by a letter. B, P and C are the business owner, provisioner
// and control owner of what the walk goes to; O is another business owner, who
// has nothing to do with it.
var walkers = map[rune]string{'B': "ben", 'P': "priya", 'C': "carlos", 'O': "anna", 'X': "yara", 'A': "udo", 'M': "adam"}

const (
	everybody = "BPCOXAM"
	theFour   = "BPCXA" // who sees what the four answer for: they, and auditors
	inDraft   = "BPCA"  // who sees a draft: its people and auditors
)

// door is what is expected at a route. May lists who gets in; whoever is not in
// it is refused. To is the address with ids: {capability}, {version} and so on.
// Sees lists who knows that it exists: to everybody else it is not there. Any
// lists what may be answered to those who may, where it is neither a page nor a
// form to fill in again.
type door struct {
	to, may, sees string
	any           []int
	form          string // what the form needs to be about anything
}

// doors has every route of the product. A new route needs a line here.
var doors = map[string]door{
	"GET /sign-in":          {to: "/sign-in", may: everybody, any: []int{303}},
	"GET /sign-in/again":    {to: "/sign-in/again", may: everybody, any: []int{303}},
	"GET /sign-in/callback": {to: "/sign-in/callback", may: everybody, any: []int{400, 303}},
	"POST /sign-out":        {to: "/sign-out", may: everybody, any: []int{303}},
	"GET /signed-out":       {to: "/signed-out", may: everybody, any: []int{200, 303}},

	"GET /agents":                     {to: "/agents", may: everybody},
	"GET /agents/new":                 {to: "/agents/new", may: "BO"},
	"POST /agents/new":                {to: "/agents/new", may: "BO"},
	"GET /agents/import":              {to: "/agents/import", may: "BOM"},
	"POST /agents/import":             {to: "/agents/import", may: "BOM"},
	"GET /imports/:id":                {to: "/imports/{import}", may: "B"},
	"POST /imports/:id":               {to: "/imports/{import}", may: "B", any: []int{422}},
	"GET /imports/:id/rows/:no":       {to: "/imports/{import}/rows/1", may: "B"},
	"GET /imports/:id/result":         {to: "/imports/{import}/result", may: "B"},
	"POST /imports/:id/continue":      {to: "/imports/{import}/continue", may: "B", any: []int{422}},
	"POST /imports/:id/forget":        {to: "/imports/{import}/forget", may: "B", any: []int{422}},
	"GET /agents/found":               {to: "/agents/found", may: "BOAM"},
	"GET /agents/found/:id":           {to: "/agents/found/{found}", may: "BOAM"},
	"POST /agents/found/:id/claim":    {to: "/agents/found/{found}/claim", may: "BO"},
	"GET /agents/found/:id/dismiss":   {to: "/agents/found/{found}/dismiss", may: "BOM"},
	"POST /agents/found/:id/dismiss":  {to: "/agents/found/{found}/dismiss", may: "BOM"},
	"POST /agents/found/:id/reopen":   {to: "/agents/found/{dismissed}/reopen", may: "BOM"},
	"GET /agents/:id":                 {to: "/agents/{agent}", may: inDraft},
	"GET /agents/:id/revisions":       {to: "/agents/{agent}/revisions", may: inDraft},
	"GET /agents/:id/decisions":       {to: "/agents/{agent}/decisions", may: inDraft},
	"GET /agents/:id/history":         {to: "/agents/{agent}/history", may: inDraft},
	"GET /agents/:id/import":          {to: "/agents/{imported}/import", may: "OA"},
	"POST /agents/:id/stop":           {to: "/agents/{running}/stop", may: "BPCX", sees: "BPCXA"},
	"GET /agents/:id/register":        {to: "/agents/{agent}/register", may: "B"},
	"POST /agents/:id/register":       {to: "/agents/{agent}/register", may: "B", sees: inDraft},
	"GET /agents/:id/register/check":  {to: "/agents/{agent}/register/check", may: "B"},
	"GET /agents/:id/register/done":   {to: "/agents/{agent}/register/done", may: "B"},
	"GET /agents/:id/register/:step":  {to: "/agents/{agent}/register/made-of", may: "B"},
	"POST /agents/:id/register/:step": {to: "/agents/{agent}/register/made-of", may: "B", sees: inDraft},
	"GET /agents/:id/retire":          {to: "/agents/{agent}/retire", may: "B"},
	"POST /agents/:id/retire":         {to: "/agents/{agent}/retire", may: "B", sees: inDraft},

	"GET /agents/:id/manifest":                  {to: "/agents/{running}/manifest", may: theFour},
	"POST /agents/:id/manifest":                 {to: "/agents/{running}/manifest", may: "B", sees: theFour},
	"POST /agents/:id/manifest/:version/accept": {to: "/agents/{running}/manifest/{version}/accept", may: "BPC", sees: theFour},
	"POST /agents/:id/manifest/:version/sign":   {to: "/agents/{running}/manifest/{version}/sign", may: "X", sees: theFour},
	"GET /desk/several":                         {to: "/desk/several", may: "X"},
	"POST /desk/several":                        {to: "/desk/several", may: "X"},
	"GET /desk/several/check":                   {to: "/desk/several/check", may: "X", any: []int{422}},           // none is chosen
	"GET /desk/several/done":                    {to: "/desk/several/done?receipts=1", may: "X", any: []int{404}}, // not theirs

	"GET /agents/:id/capabilities/new":  {to: "/agents/{agent}/capabilities/new", may: "B"},
	"POST /agents/:id/capabilities/new": {to: "/agents/{agent}/capabilities/new", may: "B"},
	"GET /versions/:id/draft":           {to: "/versions/{draft}/draft", may: inDraft},
	"GET /versions/:id/task":            {to: "/versions/{draft}/task", may: inDraft},
	"POST /versions/:id/task":           {to: "/versions/{draft}/task", may: "B", sees: inDraft},
	"POST /versions/:id/task/assess":    {to: "/versions/{draft}/task/assess", may: "B", sees: inDraft, any: []int{200}},
	"GET /versions/:id/scope":           {to: "/versions/{draft}/scope", may: inDraft},
	"POST /versions/:id/scope":          {to: "/versions/{draft}/scope", may: "P", sees: inDraft},
	"POST /versions/:id/scope/assess":   {to: "/versions/{draft}/scope/assess", may: "P", sees: inDraft, any: []int{200}},
	"GET /versions/:id/oversight":       {to: "/versions/{draft}/oversight", may: inDraft},
	"POST /versions/:id/oversight":      {to: "/versions/{draft}/oversight", may: "C", sees: inDraft},
	"GET /versions/:id/people":          {to: "/versions/{draft}/people", may: inDraft},
	"POST /versions/:id/people":         {to: "/versions/{draft}/people", may: "B", sees: inDraft, form: "role=provisioner"},
	"GET /versions/:id/submit":          {to: "/versions/{draft}/submit", may: inDraft},
	"POST /versions/:id/submit":         {to: "/versions/{draft}/submit", may: "BPC", sees: inDraft},
	"GET /versions/:id/submitted":       {to: "/versions/{draft}/submitted", may: inDraft, any: []int{303}},
	"GET /versions/:id/withdraw":        {to: "/versions/{draft}/withdraw", may: "B"},
	"POST /versions/:id/withdraw":       {to: "/versions/{draft}/withdraw", may: "B", sees: inDraft},

	"GET /":                       {to: "/", may: everybody},
	"GET /receipts/:seq":          {to: "/receipts/{receipt}", may: theFour},
	"GET /receipts/:seq/file":     {to: "/receipts/{receipt}/file", may: theFour},
	"GET /versions/:id":           {to: "/versions/{version}", may: theFour},
	"GET /versions/:id/compare":   {to: "/versions/{second}/compare?with={first}", may: "OPCXA"},
	"POST /versions/:id/decide":   {to: "/versions/{review}/decide", may: "X", sees: theFour, form: "decision=sign"},
	"POST /versions/:id/comments": {to: "/versions/{review}/comments", may: "BPCX", sees: theFour, form: "part=scope"},
	// The emergency path is off in the demo, and there was no emergency.
	"GET /versions/:id/emergency":   {to: "/versions/{review}/emergency", sees: theFour},
	"POST /versions/:id/emergency":  {to: "/versions/{review}/emergency", sees: theFour},
	"GET /emergencies/:id":          {to: "/emergencies/emg_0000000000000000"},
	"POST /emergencies/:id/review":  {to: "/emergencies/emg_0000000000000000/review"},
	"GET /reviews":                  {to: "/reviews", may: everybody},
	"GET /reviews.csv":              {to: "/reviews.csv", may: everybody},
	"GET /reviews/:id":              {to: "/reviews/rvw_0000000000000000"},
	"POST /reviews/:id/answer":      {to: "/reviews/rvw_0000000000000000/answer"},
	"POST /reviews/:id/close":       {to: "/reviews/rvw_0000000000000000/close"},
	"GET /capabilities/:id/reviews": {to: "/capabilities/{capability}/reviews", may: theFour},

	// Who is in a team that looks after a system may choose it; nobody here is a stop officer, and no stop was placed.
	"GET /stops":           {to: "/stops", may: everybody},
	"GET /stops/new":       {to: "/stops/new", may: "BPOM"},
	"POST /stops":          {to: "/stops"},
	"GET /stops/:id":       {to: "/stops/hld_0000000000000000"},
	"POST /stops/:id/lift": {to: "/stops/hld_0000000000000000/lift"},

	"POST /versions/:id/go-live":             {to: "/versions/{version}/go-live", sees: theFour},
	"GET /versions/:id/roles/:role":          {to: "/versions/{version}/roles/provisioner", may: theFour},
	"POST /versions/:id/roles/:role/accept":  {to: "/versions/{version}/roles/provisioner/accept", sees: theFour},
	"POST /versions/:id/roles/:role/decline": {to: "/versions/{version}/roles/provisioner/decline", sees: theFour},
	"POST /versions/:id/challenge":           {to: "/versions/{version}/challenge", may: "X", any: []int{409}},
	"GET /sign-offs/:id/recall":              {to: "/sign-offs/{sign-off}/recall", may: "X"},
	"POST /sign-offs/:id/recall":             {to: "/sign-offs/{sign-off}/recall", may: "X", sees: theFour},
	"GET /capabilities/:id":                  {to: "/capabilities/{capability}", may: theFour},
	"GET /capabilities/:id/versions":         {to: "/capabilities/{capability}/versions", may: theFour},
	"POST /capabilities/:id/versions":        {to: "/capabilities/{capability}/versions", may: "B", sees: theFour},
	"GET /capabilities/:id/versions/new":     {to: "/capabilities/{capability}/versions/new", may: "B"},
	"GET /capabilities/:id/history":          {to: "/capabilities/{capability}/history", may: theFour},
	"GET /capabilities/:id/as-of":            {to: "/capabilities/{capability}/as-of", may: theFour},
	"GET /capabilities/:id/stop":             {to: "/capabilities/{capability}/stop", may: "BPCX"},
	"POST /capabilities/:id/stop":            {to: "/capabilities/{capability}/stop", may: "BPCX", sees: theFour},
	"GET /capabilities/:id/restart":          {to: "/capabilities/{capability}/restart", may: "BPC", any: []int{409}},
	"POST /capabilities/:id/restart":         {to: "/capabilities/{capability}/restart", may: "BPC", sees: theFour},
	"GET /capabilities/:id/succession":       {to: "/capabilities/{capability}/succession", may: theFour},
	"GET /capabilities/:id/revoke":           {to: "/capabilities/{capability}/revoke", may: "BC"},
	"GET /capabilities/:id/path":             {to: "/capabilities/{capability}/path", may: theFour},
	"GET /capabilities/:id/kill-drill":       {to: "/capabilities/{capability}/kill-drill", may: theFour},
	"POST /capabilities/:id/kill-drill":      {to: "/capabilities/{capability}/kill-drill", may: "BPCX", sees: theFour},
	// None is planned.
	"POST /capabilities/:id/kill-drill/call-off": {to: "/capabilities/{capability}/kill-drill/call-off", may: "BPCX", sees: theFour, any: []int{422}},
	// Only ever one's own, or one that is over; nobody was asked in the demo.
	"GET /duties/:id":               {to: "/duties/{duty}", may: theFour, sees: theFour},
	"GET /drills/:id":               {to: "/drills/drl_0000000000000000"},
	"POST /drills/:id":              {to: "/drills/drl_0000000000000000"},
	"POST /capabilities/:id/revoke": {to: "/capabilities/{capability}/revoke", may: "BC", sees: theFour},

	"GET /matrix":           {to: "/matrix", may: everybody},
	"GET /matrix.csv":       {to: "/matrix.csv", may: everybody},
	"GET /ledger":           {to: "/ledger", may: "A"},
	"GET /reports":          {to: "/reports", may: "AM"},
	"GET /reports/load":     {to: "/reports/load", may: "AM"},
	"GET /reports/load.csv": {to: "/reports/load.csv", may: "AM"},
	// The owner is here; an administrator is told so, and for everybody else there is no such page.
	"GET /agents/:id/owner":          {to: "/agents/{agent}/owner", may: "M"},
	"POST /agents/:id/owner":         {to: "/agents/{agent}/owner", may: "M", any: []int{422}},
	"POST /agents/:id/owner/accept":  {to: "/agents/{agent}/owner/accept", sees: "M"},
	"POST /agents/:id/owner/decline": {to: "/agents/{agent}/owner/decline", sees: "M"},
	"GET /reports/drills":            {to: "/reports/drills", may: "A"},
	"GET /reports/drills.csv":        {to: "/reports/drills.csv", may: "A"},
	"GET /reports/approvers":         {to: "/reports/approvers", may: "A"},
	"GET /reports/approvers.csv":     {to: "/reports/approvers.csv", may: "A"},

	"GET /systems":                                   {to: "/systems", may: everybody},
	"POST /systems":                                  {to: "/systems", may: "M"},
	"GET /systems/new":                               {to: "/systems/new", may: "M"},
	"GET /systems/catalogues":                        {to: "/systems/catalogues?catalogue=aws", may: "M"},
	"POST /systems/catalogues":                       {to: "/systems/catalogues", may: "M"},
	"GET /systems/:id":                               {to: "/systems/{system}", may: everybody},
	"POST /systems/:id":                              {to: "/systems/{system}", may: "M"},
	"GET /systems/:id/history":                       {to: "/systems/{system}/history", may: everybody},
	"GET /systems/:id/change":                        {to: "/systems/{system}/change", may: "M"},
	"GET /systems/:id/retire":                        {to: "/systems/{system}/retire", may: "M"},
	"POST /systems/:id/retire":                       {to: "/systems/{system}/retire", may: "M"},
	"POST /systems/:id/operations":                   {to: "/systems/{system}/operations", may: "M"},
	"GET /systems/:id/operations/new":                {to: "/systems/{system}/operations/new", may: "M"},
	"GET /systems/:id/operations/:operation":         {to: "/systems/{system}/operations/{operation}", may: "M"},
	"POST /systems/:id/operations/:operation":        {to: "/systems/{system}/operations/{operation}", may: "M"},
	"GET /systems/:id/operations/:operation/retire":  {to: "/systems/{system}/operations/{operation}/retire", may: "M"},
	"POST /systems/:id/operations/:operation/retire": {to: "/systems/{system}/operations/{operation}/retire", may: "M"},
	"POST /systems/:id/secrets":                      {to: "/systems/{system}/secrets", may: "M"},
	"GET /systems/:id/secrets/new":                   {to: "/systems/{system}/secrets/new", may: "M"},
	"GET /systems/:id/secrets/:secret/retire":        {to: "/systems/{system}/secrets/{secret}/retire", may: "M"},
	"POST /systems/:id/secrets/:secret/retire":       {to: "/systems/{system}/secrets/{secret}/retire", may: "M"},

	"GET /people/:id":                    {to: "/people/{person}", may: everybody},
	"GET /me":                            {to: "/me", may: everybody},
	"POST /me/keys":                      {to: "/me/keys", may: everybody},
	"POST /me/hours":                     {to: "/me/hours", may: everybody},
	"GET /me/history":                    {to: "/me/history", may: everybody},
	"POST /me/time-zone":                 {to: "/me/time-zone", may: everybody},
	"GET /me/passkeys":                   {to: "/me/passkeys", may: everybody},
	"POST /me/passkeys":                  {to: "/me/passkeys", may: everybody, any: []int{409, 422}},
	"POST /me/passkeys/challenge":        {to: "/me/passkeys/challenge", may: everybody, any: []int{200}},
	"GET /me/passkeys/:id":               {to: "/me/passkeys/{passkey}", may: "X"},
	"POST /me/passkeys/:id":              {to: "/me/passkeys/{passkey}", may: "X"},
	"POST /me/passkeys/:id/remove":       {to: "/me/passkeys/{passkey}/remove", may: "X"},
	"GET /me/absence":                    {to: "/me/absence", may: everybody},
	"POST /me/absence":                   {to: "/me/absence", may: "X"},
	"POST /me/absence/:id/end":           {to: "/me/absence/none/end", may: everybody},
	"GET /me/channels":                   {to: "/me/channels", may: everybody},
	"POST /me/channels":                  {to: "/me/channels", may: everybody},
	"POST /me/channels/test":             {to: "/me/channels/test", may: everybody},
	"POST /me/channels/hooks":            {to: "/me/channels/hooks", may: everybody},
	"POST /me/channels/hooks/:id/test":   {to: "/me/channels/hooks/none/test", may: everybody},
	"POST /me/channels/hooks/:id/remove": {to: "/me/channels/hooks/none/remove", may: everybody},
	"POST /me/channels/calendar":         {to: "/me/channels/calendar", may: everybody},
	"POST /me/channels/calendar/revoke":  {to: "/me/channels/calendar/revoke", may: everybody},
	"GET /me/notices":                    {to: "/me/notices", may: everybody},
	"GET /me/decisions":                  {to: "/me/decisions", may: everybody},
	"GET /me/drills":                     {to: "/me/drills", may: everybody},
	"GET /me/views":                      {to: "/me/views", may: everybody},
	"POST /me/views":                     {to: "/me/views", may: everybody, form: "list=matrix&view=tier%3Dhigh"},
	"GET /me/views/new":                  {to: "/me/views/new?list=matrix&view=tier%3Dhigh", may: everybody},
	// Only ever one's own.
	"POST /me/views/forget": {to: "/me/views/forget", may: everybody, form: "list=matrix&name=High", any: []int{303}},

	"GET /admin":                               {to: "/admin", may: "AM"},
	"GET /admin/people":                        {to: "/admin/people", may: "AM"},
	"POST /admin/people":                       {to: "/admin/people", may: "M"},
	"GET /admin/people/new":                    {to: "/admin/people/new", may: "M"},
	"GET /admin/people/:id":                    {to: "/admin/people/{person}", may: "AM"},
	"GET /admin/people/:id/history":            {to: "/admin/people/{person}/history", may: "AM"},
	"POST /admin/people/:id/grants":            {to: "/admin/people/{person}/grants", may: "M"},
	"POST /admin/people/:id/grants/:grant/end": {to: "/admin/people/{person}/grants/{grant}/end", may: "M"},
	"POST /admin/people/:id/teams":             {to: "/admin/people/{person}/teams", may: "M"},
	"POST /admin/people/:id/teams/:team/leave": {to: "/admin/people/{person}/teams/{team}/leave", may: "M"},
	"GET /admin/people/:id/leave":              {to: "/admin/people/{person}/leave", may: "M"},
	"POST /admin/people/:id/leave":             {to: "/admin/people/{person}/leave", may: "M"},
	"GET /admin/people/:id/change":             {to: "/admin/people/{person}/change", may: "M"},
	"POST /admin/people/:id/change":            {to: "/admin/people/{person}/change", may: "M"},
	"GET /admin/people/:id/manager":            {to: "/admin/people/{person}/manager", may: "M"},
	"POST /admin/people/:id/manager":           {to: "/admin/people/{person}/manager", may: "M"},
	"GET /admin/people/:id/merge":              {to: "/admin/people/{person}/merge", may: "M"},
	"POST /admin/people/:id/merge":             {to: "/admin/people/{person}/merge", may: "M"},
	"GET /admin/accounts":                      {to: "/admin/accounts", may: "AM"},
	"GET /admin/accounts/:id":                  {to: "/admin/accounts/{account}", may: "AM"},
	"POST /admin/accounts/:id/link":            {to: "/admin/accounts/{account}/link", may: "M"},
	"POST /admin/accounts/:id/split":           {to: "/admin/accounts/{account}/split", may: "M"},
	"GET /admin/links/:id":                     {to: "/admin/links/{link}", may: "AM"},
	"POST /admin/links/:id/confirm":            {to: "/admin/links/{link}/confirm", may: "M"},
	"POST /admin/links/:id/withdraw":           {to: "/admin/links/{link}/withdraw", may: "M"},
	"GET /admin/teams":                         {to: "/admin/teams", may: "AM"},
	"POST /admin/teams":                        {to: "/admin/teams", may: "M"},
	"GET /admin/teams/:id":                     {to: "/admin/teams/{team}", may: "AM"},
	"POST /admin/teams/:id":                    {to: "/admin/teams/{team}", may: "M"},
	"GET /admin/teams/:id/head":                {to: "/admin/teams/{team}/head", may: "M"},
	"POST /admin/teams/:id/head":               {to: "/admin/teams/{team}/head", may: "M"},
	"GET /admin/teams/:id/path":                {to: "/admin/teams/{team}/path", may: "AM"},
	"POST /admin/teams/:id/path":               {to: "/admin/teams/{team}/path", may: "M"},
	"GET /admin/groups":                        {to: "/admin/groups", may: "AM"},
	"POST /admin/groups":                       {to: "/admin/groups", may: "M"},
	"POST /admin/groups/:id/end":               {to: "/admin/groups/{group}/end", may: "M"},
	"GET /admin/channels":                      {to: "/admin/channels", may: "AM"},
	"POST /admin/channels/test":                {to: "/admin/channels/test", may: "M"},
	"POST /admin/channels/hooks":               {to: "/admin/channels/hooks", may: "M"},
	"POST /admin/channels/hooks/:id/test":      {to: "/admin/channels/hooks/none/test", may: "M"},
	"POST /admin/channels/hooks/:id/remove":    {to: "/admin/channels/hooks/none/remove", may: "M"},
	"GET /admin/notices":                       {to: "/admin/notices", may: "AM"},
	"GET /admin/notices/:id":                   {to: "/admin/notices/none", may: "AM", any: []int{404}},
	"POST /admin/notices/:id/retry":            {to: "/admin/notices/none/retry", may: "M"},
	"GET /admin/emergency":                     {to: "/admin/emergency", may: "AM"},
	"POST /admin/emergency":                    {to: "/admin/emergency", may: "M"},
	"POST /admin/emergency/:id/confirm":        {to: "/admin/emergency/ems_0000000000000000/confirm", may: "M"},
	"POST /admin/emergency/:id/withdraw":       {to: "/admin/emergency/ems_0000000000000000/withdraw", may: "M"},
	"POST /admin/emergency/:id/off":            {to: "/admin/emergency/ems_0000000000000000/off", may: "M"},
	"GET /decisions":                           {to: "/decisions", may: everybody},
	"GET /decisions/newer":                     {to: "/decisions/newer", may: everybody, any: []int{303}},
	"GET /decisions/:id":                       {to: "/decisions/7", may: everybody, any: []int{404}},
	"GET /what-if":                             {to: "/what-if", may: everybody},
	// None is there in the demo.
	"GET /admin/gateways":                 {to: "/admin/gateways", may: "AM"},
	"POST /admin/gateways":                {to: "/admin/gateways", may: "M"},
	"GET /admin/gateways/new":             {to: "/admin/gateways/new", may: "M"},
	"GET /admin/gateways/:id":             {to: "/admin/gateways/gtw_0000000000000000", may: "AM", any: []int{404}},
	"POST /admin/gateways/:id/revoke":     {to: "/admin/gateways/gtw_0000000000000000/revoke", may: "M"},
	"GET /admin/forbids":                  {to: "/admin/forbids", may: "AM"},
	"POST /admin/forbids":                 {to: "/admin/forbids", may: "M"},
	"GET /admin/forbids/new":              {to: "/admin/forbids/new", may: "M"},
	"GET /admin/forbids/:id":              {to: "/admin/forbids/fbd_0000000000000000", may: "AM", any: []int{404}},
	"POST /admin/forbids/:id/confirm":     {to: "/admin/forbids/fbd_0000000000000000/confirm", may: "M"},
	"POST /admin/forbids/:id/withdraw":    {to: "/admin/forbids/fbd_0000000000000000/withdraw", may: "M"},
	"POST /admin/forbids/:id/end":         {to: "/admin/forbids/fbd_0000000000000000/end", may: "M"},
	"POST /admin/forbids/:id/confirm-end": {to: "/admin/forbids/fbd_0000000000000000/confirm-end", may: "M"},
	"POST /admin/forbids/:id/keep":        {to: "/admin/forbids/fbd_0000000000000000/keep", may: "M"},
	"GET /admin/tier-rules":               {to: "/admin/tier-rules", may: "AM"},
	"POST /admin/tier-rules":              {to: "/admin/tier-rules", may: "M"},
	"GET /admin/tier-rules/change":        {to: "/admin/tier-rules/change", may: "M"},
	"POST /admin/tier-rules/check":        {to: "/admin/tier-rules/check", may: "M"},
	"GET /admin/tier-rules/:no":           {to: "/admin/tier-rules/1", may: "AM"},
	"POST /admin/tier-rules/:id/confirm":  {to: "/admin/tier-rules/{rules}/confirm", may: "M"},
	"POST /admin/tier-rules/:id/withdraw": {to: "/admin/tier-rules/{rules}/withdraw", may: "M"},
}

// ids are what the walk goes to, in the demo's organisation.
func ids(t *testing.T, org *journeys.Org) *strings.Replacer {
	t.Helper()
	person := func(email string) string {
		return org.One(t, "SELECT id FROM people WHERE email = '"+email+"@meridian.example'")
	}
	of := func(agent, what string) string {
		return org.One(t, "SELECT "+what+" FROM agents a LEFT JOIN capabilities c ON c.agent_id = a.id LEFT JOIN versions v ON v.capability_id = c.id WHERE a.name = '"+agent+"' ORDER BY c.created_at, v.no LIMIT 1")
	}
	reporter := func(no string) string {
		return org.One(t, "SELECT v.id FROM versions v JOIN capabilities c ON c.id = v.capability_id JOIN agents a ON a.id = c.agent_id WHERE a.name = 'Absence reporter' AND v.no = "+no)
	}
	op := func(what string) string {
		return org.One(t, "SELECT o."+what+" FROM operations o JOIN systems s ON s.id = o.system_id WHERE s.name = 'CRM' AND o.name = 'contacts.read'")
	}
	return strings.NewReplacer("{person}", person("ben"), "{import}", journeys.Upload(t, org.App, person("ben")),
		"{system}", op("system_id"), "{operation}", op("id"), "{secret}", org.One(t, "SELECT r.id FROM secret_refs r JOIN systems s ON s.id = r.system_id WHERE s.name = 'CRM'"),
		"{team}", org.One(t, "SELECT id FROM teams WHERE name = 'Payments'"), "{account}", org.One(t, "SELECT id FROM accounts WHERE subject = 'ben'"),
		"{grant}", org.One(t, "SELECT id FROM grants WHERE person_id = '"+person("ben")+"'"), "{link}", org.One(t, "SELECT min(id) FROM account_links"),
		"{group}", "grp_0000000000000000", "{rules}", org.One(t, "SELECT id FROM tier_rules"),
		"{capability}", of("Invoice agent", "c.id"), "{version}", of("Invoice agent", "v.id"), "{first}", reporter("1"), "{second}", reporter("2"),
		"{review}", of("Treasury agent", "v.id"),
		"{duty}", org.One(t, "SELECT min(id) FROM duties WHERE kind = 'accept' AND subject = '"+of("Invoice agent", "v.id")+"'"),
		"{sign-off}", org.One(t, "SELECT id FROM sign_offs WHERE version_id = '"+of("Invoice agent", "v.id")+"' AND signer_id = '"+person("yara")+"'"),
		"{receipt}", org.One(t, "SELECT max(seq) || '' FROM ledger_refs WHERE kind = 'capability' AND id = '"+of("Invoice agent", "c.id")+"'"),
		"{passkey}", org.One(t, "SELECT id FROM passkeys WHERE person_id = '"+person("yara")+"'"),
		"{found}", org.One(t, "SELECT id FROM found WHERE name = 'log-summariser'"), "{dismissed}", org.One(t, "SELECT id FROM found WHERE state = 'dismissed'"),
		"{imported}", of("Travel desk assistant", "a.id"), "{running}", of("Invoice agent", "a.id"),
		"{agent}", of("Fraud watcher", "a.id"), "{draft}", of("Fraud watcher", "v.id"))
}

// Every route, as every role and as nobody: who may gets in, and whoever may not
// is refused and changes nothing.
func TestEveryRouteAsEveryRole(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	at := ids(t, org)
	known := map[string]bool{}
	for _, r := range web.Routes() {
		if r.Guard.Machine() {
			continue
		}
		name := r.Method + " " + r.Path
		known[name] = true
		if _, ok := doors[name]; !ok {
			t.Errorf("%s has no line in doors: say who may come", name)
		}
	}
	for name := range doors {
		if !known[name] {
			t.Errorf("doors has %s, which is no route", name)
		}
	}
	for who, subject := range walkers {
		t.Run(subject, func(t *testing.T) {
			c, before := org.Client(t).Login(subject), org.Ledger(t)
			for _, name := range slices.Sorted(mapKeys(doors)) {
				if name != "POST /sign-out" {
					walk(t, org, c, who, name, at.Replace(doors[name].to))
				}
			}
			if org.Ledger(t) != before {
				t.Error("something was changed")
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		c := org.Client(t)
		for name, d := range doors {
			if guardOf(name).String() != "anyone" {
				asNobody(t, org, c, name, at.Replace(d.to))
			}
		}
	})
	t.Run("the wrong way", func(t *testing.T) { wrongWays(t, org, at) })
}

func walk(t *testing.T, org *journeys.Org, c *app.Client, who rune, name, to string) {
	t.Helper()
	d := doors[name]
	method, _, _ := strings.Cut(name, " ")
	before := ""
	if method == http.MethodPost {
		before = org.Ledger(t)
	}
	if strings.Contains(to, "{") {
		t.Errorf("%s: %s has an id that the walk does not know", name, to)
		return
	}
	may, sees := strings.ContainsRune(d.may, who), d.sees == "" || strings.ContainsRune(d.sees, who)
	form := url.Values(nil)
	if method == http.MethodPost {
		form, _ = url.ParseQuery(d.form) // of this table, or the walk says what is wrong
		form.Set("csrf", c.Token())
		form.Set("reason", "Because the walk asks for it.")
		if !may {
			form.Set("act_id", store.NewActID()) // those who may come without one, so that nothing happens
		}
	}
	page := c.Do(c.Request(method, to, form))
	var want []int
	switch {
	case may && len(d.any) > 0:
		want = d.any
	case may && method == http.MethodGet:
		want = []int{200}
	case may:
		want = []int{422, 409, 401}
	case sees && method == http.MethodPost:
		want = []int{403, 404, 422, 409}
	default:
		want = []int{403, 404}
	}
	if !slices.Contains(want, page.Status) {
		t.Errorf("%s (%s): answered %d, want one of %v: %s", name, to, page.Status, want, page.Text("main"))
	}
	if method == http.MethodPost && org.Ledger(t) != before {
		t.Errorf("%s (%s): something was changed", name, to)
	}
}

func asNobody(t *testing.T, org *journeys.Org, c *app.Client, name, to string) {
	t.Helper()
	method, _, _ := strings.Cut(name, " ")
	before := org.Ledger(t)
	if method == http.MethodGet {
		page := c.Do(c.Request(method, to, nil))
		if page.Status != http.StatusSeeOther || !strings.HasPrefix(page.Header.Get("Location"), "/sign-in?return=") {
			t.Errorf("%s as nobody: answered %d", name, page.Status)
		}
		return
	}
	page := c.Do(c.Request(method, to, url.Values{"csrf": {c.Token()}, "act_id": {store.NewActID()}}))
	if page.Status != http.StatusUnauthorized || org.Ledger(t) != before {
		t.Errorf("%s as nobody: answered %d", name, page.Status)
	}
}

// wrongWays: a method that an address does not have, and ids of nothing.
func wrongWays(t *testing.T, org *journeys.Org, at *strings.Replacer) {
	auditor, admin := org.Client(t).Login(walkers['A']), org.Client(t).Login(walkers['M'])
	before := org.Ledger(t)
	for name, d := range doors {
		method, _, _ := strings.Cut(name, " ")
		for _, other := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			if answers(other, at.Replace(d.to)) {
				continue
			}
			if got := auditor.Do(auditor.Request(other, at.Replace(d.to), nil)).Status; got != http.StatusMethodNotAllowed {
				t.Errorf("%s of %s: answered %d, want 405", other, d.to, got)
			}
		}
		if !strings.Contains(d.to, "{") {
			continue
		}
		for _, id := range []string{"nothing", "per_0000000000000000", "%2e%2e", strings.Repeat("x", 300)} {
			to, form := unknown(d.to, id), url.Values(nil)
			for _, c := range []*app.Client{auditor, admin} {
				if method == http.MethodPost {
					form = url.Values{"csrf": {c.Token()}, "act_id": {store.NewActID()}, "reason": {"Because."}}
				}
				if got := c.Do(c.Request(method, to, form)).Status; got != http.StatusNotFound && got != http.StatusForbidden && !(method == http.MethodPost && (got == http.StatusUnprocessableEntity || got == http.StatusConflict)) {
					t.Errorf("%s of %s: answered %d, want 404", method, to, got)
				}
			}
		}
	}
	if org.Ledger(t) != before {
		t.Error("something was changed")
	}
}

// unknown is the address with another last id.
func unknown(to, id string) string {
	from, until := strings.LastIndex(to, "{"), strings.LastIndex(to, "}")
	return strings.NewReplacer("{capability}", "nothing").Replace(to[:from] + id + to[until+1:])
}

// answers says whether some route of the method fits the address.
func answers(method, to string) bool {
	path, _, _ := strings.Cut(to, "?")
	have := strings.Split(path, "/")
	for _, r := range web.Routes() {
		want := strings.Split(r.Path, "/")
		if r.Method == method && len(want) == len(have) && !slices.ContainsFunc(want, func(part string) bool {
			return !strings.HasPrefix(part, ":") && !slices.Contains(have, part)
		}) {
			return true
		}
	}
	return false
}

func guardOf(name string) web.Guard {
	for _, r := range web.Routes() {
		if r.Method+" "+r.Path == name {
			return r.Guard
		}
	}
	return web.Guard{}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
