package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"clockface/assets/look"
	"clockface/kiosk"
)

// signSide is the side of a sign and signsWidth the width of all of them, in dp.
const (
	signSide   = 36
	signsWidth = 3*signSide + 2*10
)

// signs shows the state of camera, records and connection as three shapes. What
// is out of the ordinary has another shape and another colour.
type signs struct {
	*fyne.Container
	camera, disk, cloud *canvas.Image
	calm                fyne.ThemeColorName
}

func newSigns(calm fyne.ThemeColorName) *signs {
	s := &signs{calm: calm, camera: &canvas.Image{}, disk: &canvas.Image{}, cloud: &canvas.Image{}}
	parts := []fyne.CanvasObject{s.camera, s.disk, s.cloud}
	s.Container = newPlaced(func(size fyne.Size) {
		for i, p := range parts {
			box{float32(i) * (signSide + 10), (size.Height - signSide) / 2, signSide, signSide}.fill(p)
		}
	}, parts...)
	return s
}

func (s *signs) draw(v kiosk.View) {
	set := func(img *canvas.Image, icon look.IconName, trouble bool) {
		colour := s.calm
		if trouble {
			colour = look.ColorProblemText
		}
		res := look.Icon(icon, colour)
		if img.Resource == nil || img.Resource.Name() != res.Name() {
			img.Resource = res
			img.Refresh()
		}
	}
	icon, trouble := cameraSign(v.Camera)
	set(s.camera, icon, trouble)
	if v.Disk == kiosk.DiskFails {
		set(s.disk, look.DiskOff, true)
	} else {
		set(s.disk, look.Disk, false)
	}
	switch {
	case v.Sync.Waiting > 0:
		set(s.cloud, look.CloudWait, false) // kept here, sent later: no alarm
	case v.Sync.Online:
		set(s.cloud, look.Cloud, false)
	default:
		set(s.cloud, look.CloudOff, false)
	}
}

// cameraSign returns the shape for a state of the camera, and whether it is trouble.
func cameraSign(c kiosk.CameraState) (look.IconName, bool) {
	switch c {
	case kiosk.CameraPlayed:
		return look.Film, false
	case kiosk.CameraLost:
		return look.CameraOff, true
	case kiosk.CameraNone:
		return look.CameraOff, false
	case kiosk.NoRecognition:
		return look.NoFace, true
	case kiosk.CameraStarting:
		return look.Wait, false
	}
	return look.Camera, false
}
