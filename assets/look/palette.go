package look

import (
	"image/color"

	"fyne.io/fyne/v2/theme"
)

// rgb returns the opaque colour 0xRRGGBB.
func rgb(hex uint32) color.NRGBA { return rgba(hex, 0xff) }

// rgba returns the colour 0xRRGGBB with an alpha of 0 (clear) to 255.
func rgba(hex uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

// fixedColours are the same in every mode, so that green and vermilion mean one
// thing everywhere.
var fixedColours = palette{
	theme.ColorNameSuccess:             rgb(0x007456),
	theme.ColorNameError:               rgb(0xB04800),
	theme.ColorNameWarning:             rgb(0xB04800),
	theme.ColorNameForegroundOnSuccess: rgb(0xFFFFFF),
	theme.ColorNameForegroundOnError:   rgb(0xFFFFFF),
	theme.ColorNameForegroundOnWarning: rgb(0xFFFFFF),
	ColorOnAnswer:                      rgb(0xFFFFFF),
	ColorAnswerTint:                    rgba(0x000000, 0x38),
	ColorAnswerShade:                   rgba(0x060D11, 0xA8),
	ColorNight:                         rgb(0x060D11),
	ColorOnNight:                       rgb(0x9FB4BC),
}

var lightColours = palette{
	theme.ColorNameBackground:          rgb(0xF5F6F3),
	ColorSurface:                       rgb(0xFFFFFF),
	theme.ColorNameForeground:          rgb(0x14252C),
	ColorQuiet:                         rgb(0x55666D),
	theme.ColorNamePlaceHolder:         rgb(0x5F7077),
	theme.ColorNameDisabled:            rgb(0x8A979C),
	theme.ColorNamePrimary:             rgb(0x0B5FA5),
	theme.ColorNameHyperlink:           rgb(0x0B5FA5),
	theme.ColorNameForegroundOnPrimary: rgb(0xFFFFFF),
	theme.ColorNameFocus:               rgba(0x0B5FA5, 0x50),
	theme.ColorNameSelection:           rgba(0x0B5FA5, 0x26),
	theme.ColorNameButton:              rgb(0xE4E8E7),
	theme.ColorNameDisabledButton:      rgb(0xECEEED),
	theme.ColorNameHover:               rgba(0x14252C, 0x0E),
	theme.ColorNamePressed:             rgba(0x14252C, 0x2A),
	theme.ColorNameInputBackground:     rgb(0xFFFFFF),
	theme.ColorNameInputBorder:         rgb(0xA9B4B8),
	theme.ColorNameHeaderBackground:    rgb(0xEBEEEC),
	theme.ColorNameMenuBackground:      rgb(0xFFFFFF),
	theme.ColorNameOverlayBackground:   rgb(0xFFFFFF),
	theme.ColorNameSeparator:           rgb(0xD9DFDE),
	theme.ColorNameShadow:              rgba(0x14252C, 0x22),
	theme.ColorNameScrollBar:           rgba(0x14252C, 0x66),
	ColorSuccessText:                   rgb(0x006B50),
	ColorProblemText:                   rgb(0xA34300),
}

var darkColours = palette{
	theme.ColorNameBackground:          rgb(0x0F1B21),
	ColorSurface:                       rgb(0x18272F),
	theme.ColorNameForeground:          rgb(0xEAF0F1),
	ColorQuiet:                         rgb(0x9DB0B7),
	theme.ColorNamePlaceHolder:         rgb(0x93A6AE),
	theme.ColorNameDisabled:            rgb(0x61747C),
	theme.ColorNamePrimary:             rgb(0x6DB6F2),
	theme.ColorNameHyperlink:           rgb(0x6DB6F2),
	theme.ColorNameForegroundOnPrimary: rgb(0x06202F),
	theme.ColorNameFocus:               rgba(0x6DB6F2, 0x60),
	theme.ColorNameSelection:           rgba(0x6DB6F2, 0x38),
	theme.ColorNameButton:              rgb(0x233640),
	theme.ColorNameDisabledButton:      rgb(0x1B2A32),
	theme.ColorNameHover:               rgba(0xFFFFFF, 0x10),
	theme.ColorNamePressed:             rgba(0xFFFFFF, 0x30),
	theme.ColorNameInputBackground:     rgb(0x13222A),
	theme.ColorNameInputBorder:         rgb(0x41555F),
	theme.ColorNameHeaderBackground:    rgb(0x15242B),
	theme.ColorNameMenuBackground:      rgb(0x1B2C35),
	theme.ColorNameOverlayBackground:   rgb(0x18272F),
	theme.ColorNameSeparator:           rgb(0x2A3B44),
	theme.ColorNameShadow:              rgba(0x000000, 0x66),
	theme.ColorNameScrollBar:           rgba(0xFFFFFF, 0x66),
	ColorSuccessText:                   rgb(0x4CC9A4),
	ColorProblemText:                   rgb(0xFF9D5C),
}

var contrastColours = palette{
	theme.ColorNameBackground:          rgb(0x000000),
	ColorSurface:                       rgb(0x000000),
	theme.ColorNameForeground:          rgb(0xFFFFFF),
	ColorQuiet:                         rgb(0xFFFFFF),
	theme.ColorNamePlaceHolder:         rgb(0xDADADA),
	theme.ColorNameDisabled:            rgb(0xA0A0A0),
	theme.ColorNamePrimary:             rgb(0xFFE14D),
	theme.ColorNameHyperlink:           rgb(0xFFE14D),
	theme.ColorNameForegroundOnPrimary: rgb(0x000000),
	theme.ColorNameFocus:               rgb(0xFFE14D),
	theme.ColorNameSelection:           rgb(0x3D3D00),
	theme.ColorNameButton:              rgb(0x2B2B2B),
	theme.ColorNameDisabledButton:      rgb(0x1A1A1A),
	theme.ColorNameHover:               rgba(0xFFFFFF, 0x26),
	theme.ColorNamePressed:             rgba(0xFFFFFF, 0x4D),
	theme.ColorNameInputBackground:     rgb(0x000000),
	theme.ColorNameInputBorder:         rgb(0xFFFFFF),
	theme.ColorNameHeaderBackground:    rgb(0x1A1A1A),
	theme.ColorNameMenuBackground:      rgb(0x000000),
	theme.ColorNameOverlayBackground:   rgb(0x000000),
	theme.ColorNameSeparator:           rgb(0xFFFFFF),
	theme.ColorNameShadow:              rgba(0x000000, 0xFF),
	theme.ColorNameScrollBar:           rgb(0xFFFFFF),
	ColorOnNight:                       rgb(0xFFFFFF),
	ColorSuccessText:                   rgb(0x5CF0C4),
	ColorProblemText:                   rgb(0xFFB077),
}

var wallSizes = sizes{
	SizeClock:                    112,
	SizeClockLarge:               184,
	SizeAnswerLarge:              64,
	SizeInstructionLarge:         44,
	SizeNoteLarge:                30,
	SizeClockSmall:               64,
	SizeAnswer:                   48,
	SizeAnswerTight:              40,
	SizeInstruction:              32,
	SizeNote:                     24,
	SizeFigure:                   48,
	theme.SizeNameText:           24,
	theme.SizeNameCaptionText:    24,
	theme.SizeNameSubHeadingText: 32,
	theme.SizeNameHeadingText:    48,
	theme.SizeNamePadding:        8,
	theme.SizeNameInnerPadding:   8,
	theme.SizeNameInputRadius:    14,
	theme.SizeNameInlineIcon:     32,
}

var deskSizes = sizes{
	SizeClock:                    64,
	SizeClockSmall:               48,
	SizeAnswer:                   28,
	SizeAnswerTight:              24,
	SizeInstruction:              20,
	SizeNote:                     14,
	SizeFigure:                   34,
	theme.SizeNameText:           15,
	theme.SizeNameCaptionText:    13,
	theme.SizeNameSubHeadingText: 18,
	theme.SizeNameHeadingText:    24,
	theme.SizeNamePadding:        6,
	theme.SizeNameInnerPadding:   8,
	theme.SizeNameInputRadius:    8,
	theme.SizeNameInlineIcon:     20,
}
