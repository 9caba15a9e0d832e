package look

import (
	"bytes"
	"embed"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

//go:embed icons/*.svg
var iconFiles embed.FS

// IconName names one of our icons: a shape that goes with a colour and words.
type IconName string

// The icons.
const (
	Tick      IconName = "tick"       // done
	Cross     IconName = "cross"      // did not work
	Triangle  IconName = "triangle"   // look at this
	Camera    IconName = "camera"     // the camera works
	CameraOff IconName = "camera-off" // the camera is away
	Film      IconName = "film"       // the picture is played from files
	Disk      IconName = "disk"       // this machine's records
	DiskOff   IconName = "disk-off"   // this machine cannot record
	Cloud     IconName = "cloud"      // everything has been sent
	CloudWait IconName = "cloud-wait" // kept here, sent later
	CloudOff  IconName = "cloud-off"  // not connected
	Keypad    IconName = "keypad"     // number and PIN
	Globe     IconName = "globe"      // language
	Backspace IconName = "backspace"  // takes the last digit back
	Back      IconName = "back"       // to the screen before
	Person    IconName = "person"     // an employee
	People    IconName = "people"     // several employees
	ClockFace IconName = "clock"      // time, history
	Inbox     IconName = "inbox"      // what waits for a decision
	Undo      IconName = "undo"       // takes the last change back
	Pencil    IconName = "pencil"     // correct
	Wait      IconName = "wait"       // an hourglass
	NoFace    IconName = "no-face"    // face recognition is not there
)

// Icon returns an icon in a colour of the theme in force.
func Icon(name IconName, colour fyne.ThemeColorName) fyne.Resource {
	return icon{name: name, colour: colour}
}

// icon draws its lines in the theme's colour at the time of drawing. Fyne's own
// themed resources recolour fills only, and these icons are lines.
type icon struct {
	name   IconName
	colour fyne.ThemeColorName
}

// Name carries the colour, since Fyne caches drawn icons by name.
func (i icon) Name() string { return fmt.Sprintf("%s-%s.svg", i.name, i.hex()) }

// Content returns the SVG, or nothing for a name that has no file.
func (i icon) Content() []byte {
	svg, err := iconFiles.ReadFile("icons/" + string(i.name) + ".svg")
	if err != nil {
		return nil
	}
	return bytes.ReplaceAll(svg, []byte("currentColor"), []byte(i.hex()))
}

func (i icon) hex() string {
	r, g, b, _ := theme.Color(i.colour).RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
