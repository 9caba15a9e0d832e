// Package screens draws the supervisor's window. It decides nothing: every value
// comes from a [desktop.Desk], every tap and key goes to it.
//
// [New] builds the [Window]; its work runs beside the toolkit's goroutine and
// comes back to it at one place, [Window.run]. From 1100 dp on, navigation, list
// and details stand side by side; below that the details take the list's place,
// and below 700 dp the navigation becomes a strip. With [Config.Report] the
// window tells where its parts are and what was decided: see docs of report.go.
package screens
