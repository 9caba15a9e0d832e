package main

import (
	"clockface/face"
	"clockface/face/dlib"
)

type faceCommands struct {
	Enroll   faceEnrollCommand   `cmd:"" help:"Enrol a person's face from pictures or a camera."`
	Withdraw faceWithdrawCommand `cmd:"" help:"Delete a person's face."`
	Evaluate faceEvaluateCommand `cmd:"" help:"Measure on your own pictures how well faces are told apart."`
	Verify   faceVerifyCommand   `cmd:"" help:"Say whether two pictures show the same person."`
}

// faceModel chooses the embedder of a command.
type faceModel struct {
	modelsFolder
	Pack string `help:"Face model." default:"dlib"`
}

// open loads the model. The caller closes the embedder.
func (m faceModel) open() (face.Embedder, face.Pack, error) {
	pack, err := m.pack()
	if err != nil {
		return nil, pack, err
	}
	dir, err := m.dir()
	if err != nil {
		return nil, pack, err
	}
	e, err := dlib.Open(dir)
	return e, pack, err
}

// pack returns what is known of the model.
func (m faceModel) pack() (face.Pack, error) {
	pack, err := face.PackByName(m.Pack)
	if err != nil {
		return pack, usagef("--pack: %w", err)
	}
	return pack, nil
}

// checkRate returns an error unless the rate of that flag is above 0 and at most 1.
func checkRate(flag string, rate float64) error {
	if !(rate > 0 && rate <= 1) {
		return usagef("%s %v is no rate above 0 and up to 1, like 1e-4", flag, rate)
	}
	return nil
}
