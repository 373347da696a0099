package libsched

import "libsched/internal/raw"

// newTexts makes a C array of texts, ended by NULL. A text with a NUL would end there, and is refused.
func newTexts(op string, texts []string) (uintptr, error) {
	var bytes []byte
	for i, text := range texts {
		for at := 0; at < len(text); at++ {
			if text[at] == 0 {
				return 0, &Error{Op: op, Status: ErrRange, Offset: uint64(i), Text: "a NUL in " + text[:at]}
			}
		}
		bytes = append(append(bytes, text...), 0)
	}
	if len(bytes) == 0 {
		bytes = make([]byte, 0, 1)
	}
	array := raw.Texts_create(bytes)
	if array == 0 {
		return 0, failure(op, -12)
	}
	return array, nil
}

// commandLine sets a program, its arguments, its environment and where it works, and gives what frees them.
func commandLine(op string, args, env []string, dir string, argv, envp func(uintptr), cwd func(string)) (func(), error) {
	array, err := newTexts(op, args)
	if err != nil {
		return nil, err
	}
	argv(array)
	var environment uintptr
	if env != nil {
		if environment, err = newTexts(op, env); err != nil {
			raw.Texts_free(array)
			return nil, err
		}
		envp(environment)
	}
	if dir != "" {
		cwd(dir)
	}
	return func() {
		raw.Texts_free(array)
		raw.Texts_free(environment)
		if dir != "" {
			cwd("")
		}
	}, nil
}
