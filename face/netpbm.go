package face

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// netpbm is the head of a PGM or PPM file.
type netpbm struct {
	text          bool // samples as decimal numbers
	channels      int  // 1 grey, 3 RGB
	width, height int
	most          int // sample value of white
}

func decodeNetpbmConfig(r io.Reader) (image.Config, error) {
	h, err := readNetpbmHead(bufio.NewReader(r))
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{ColorModel: color.RGBAModel, Width: h.width, Height: h.height}, nil
}

// decodeNetpbm reads the formats P2, P3, P5 and P6. Samples over 255 are scaled down.
func decodeNetpbm(r io.Reader) (image.Image, error) {
	b := bufio.NewReader(r)
	h, err := readNetpbmHead(b)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, h.width, h.height))
	for i := 0; i < len(img.Pix); i += 4 {
		p := img.Pix[i : i+4]
		for c := range h.channels {
			v, err := h.sample(b)
			if err != nil {
				return nil, err
			}
			p[c] = v
		}
		if h.channels == 1 {
			p[1], p[2] = p[0], p[0]
		}
		p[3] = 255
	}
	return img, nil
}

func readNetpbmHead(b *bufio.Reader) (netpbm, error) {
	var magic [2]byte
	if _, err := io.ReadFull(b, magic[:]); err != nil {
		return netpbm{}, err
	}
	h := netpbm{channels: 1}
	switch magic[1] {
	case '2':
		h.text = true
	case '3':
		h.text, h.channels = true, 3
	case '6':
		h.channels = 3
	}
	for _, into := range []*int{&h.width, &h.height, &h.most} {
		n, err := readNetpbmNumber(b)
		if err != nil {
			return netpbm{}, err
		}
		*into = n
	}
	if h.most < 1 || h.most > 65535 {
		return netpbm{}, fmt.Errorf("the largest sample is given as %d, not 1…65535", h.most)
	}
	return h, nil
}

// readNetpbmNumber reads a decimal number and the one byte behind it, leaving
// out the white space and #-comments before it.
func readNetpbmNumber(b *bufio.Reader) (int, error) {
	n, digits := 0, 0
	for {
		c, err := b.ReadByte()
		switch {
		case err == io.EOF && digits > 0:
			return n, nil
		case err != nil:
			return 0, err
		case c >= '0' && c <= '9':
			n, digits = n*10+int(c-'0'), digits+1
			if digits > 9 {
				return 0, errors.New("a number is too long")
			}
		case c == '#' && digits == 0:
			if _, err := b.ReadString('\n'); err != nil {
				return 0, err
			}
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			return 0, fmt.Errorf("byte %#x where a number is expected", c)
		case digits > 0:
			return n, nil
		}
	}
}

// sample reads one value as 0…255.
func (h netpbm) sample(b *bufio.Reader) (uint8, error) {
	v := 0
	if h.text {
		n, err := readNetpbmNumber(b)
		if err != nil {
			return 0, err
		}
		v = n
	} else {
		c, err := b.ReadByte()
		if err != nil {
			return 0, err
		}
		v = int(c)
		if h.most > 255 {
			low, err := b.ReadByte()
			if err != nil {
				return 0, err
			}
			v = v<<8 | int(low)
		}
	}
	return uint8(min(v, h.most) * 255 / h.most), nil
}
