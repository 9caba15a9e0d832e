// Package vault keeps a device's private keys and the templates and PIN
// verifiers of a company, which are stored sealed.
//
// [Open] gives the [Keys] of a data folder: the device's Ed25519 key, which
// signs requests, chain heads and templates; the device's age identity; and on
// devices that hold it the company's age identity, to which every [Template] is
// sealed. Anyone who knows the company's recipient may [Seal]; only holders of
// the identity can [Keys.Unseal], and they refuse a template that names somebody
// else or that a device signed which they do not trust.
package vault
