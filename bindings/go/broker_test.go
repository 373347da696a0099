package libsched

import (
	"os/exec"
	"testing"
)

// What a command takes by a broker is back after its end, also if it is not given back.
func TestBroker(t *testing.T) {
	js, err := ServeJobserver(2, JobserverPipe, true)
	check(t, err)
	b, err := js.NewBroker()
	check(t, err)
	wantError(t, b.Wait(background), ErrState)
	cmd := exec.Command("sh", "-c", `fds=${MAKEFLAGS#*--jobserver-auth=}; fds=${fds%% *}; eval "dd bs=1 count=1 status=none <&${fds%,*}" | wc -c`)
	started, err := b.Prepare(cmd)
	check(t, err)
	output, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	check(t, started())
	var text [8]byte
	n, err := output.Read(text[:])
	check(t, err)
	want(t, "taken", string(text[:n]), "1\n")
	check(t, cmd.Wait())
	check(t, b.Wait(background))
	stats, err := b.Stats()
	check(t, err)
	want(t, "stats", stats, BrokerStats{Total: 1, Rescued: 1, Over: true})
	_, err = b.Prepare(exec.Command("true"))
	wantError(t, err, ErrState)
	check(t, b.Close())
	token, err := js.TryAcquire()
	check(t, err)
	check(t, token.Release())
	check(t, js.Close())
}
