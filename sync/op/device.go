package op

import (
	"strings"

	"clockface/timeclock"
)

// deviceSetting begins the key of the setting that tells of a device.
const deviceSetting = "device."

// DeviceCard tells every replica of the company what a device is. It is the
// value, as JSON, of a setting that the cloud makes at enrolment; devices
// themselves are no synced table.
type DeviceCard struct {
	Name    string            `json:"name"` // what people call it
	Profile timeclock.Profile `json:"profile"`
	Site    timeclock.SiteID  `json:"site_id"`
}

// DeviceSetting returns id and key of the setting that holds the device's card.
func DeviceSetting(d timeclock.DeviceID) string { return deviceSetting + string(d) }

// DeviceOfSetting returns the device whose card the setting of that key holds,
// or false for another setting.
func DeviceOfSetting(key string) (timeclock.DeviceID, bool) {
	id, ok := strings.CutPrefix(key, deviceSetting)
	return timeclock.DeviceID(id), ok && id != ""
}
