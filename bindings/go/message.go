package libsched

import "libsched/internal/raw"

// MessageKind is what a message is about. Since 0.1.
type MessageKind uint32

// Kinds of messages. Since 0.1.
const (
	MessageStdout   MessageKind = 1 // one line of a command's output: Data
	MessageStderr   MessageKind = 2 // the same, of its stderr
	MessageStarted  MessageKind = 3 // the job begins its try number Attempt
	MessageEarly    MessageKind = 4 // it has signalled early
	MessageFinished MessageKind = 5 // its State is final; Data says why it failed
	MessageAgain    MessageKind = 6 // it has failed, and is tried again
	MessageOwn      MessageKind = 7 // of the job itself: Data
	MessageWaits    MessageKind = 8 // the job is the next to start, and waits for a token
	MessageClamped  MessageKind = 9 // its weight is more than the run has slots
)

// JobState is what has become of a job. Since 0.1.
type JobState uint32

// States of jobs. Since 0.1.
const (
	JobPending   JobState = 0 // it is under way
	JobDone      JobState = 1 // it has ended well
	JobFresh     JobState = 2 // nothing was to be done
	JobFailed    JobState = 3 // it has ended otherwise, for the last time
	JobSkipped   JobState = 4 // it has not started: one that it waited for has failed
	JobCancelled JobState = 5 // it has not started, or not ended, for the run was ended
)

// Message is what a handler is told. It is the handler's for the call; Data is, for ever. Since 0.1.
type Message struct {
	Kind       MessageKind
	Job        JobID  // that it is about
	Name       string // the job's name
	Data       []byte
	Continues  bool // of output: the line goes on in the next message of this job and stream
	Unfinished bool // of output: the stream has ended, and not with a newline
	State      JobState
	Attempt    int   // the number of the try, from 1
	Code       int   // what a function has failed with, the exit code, or why a command did not start
	Signal     int   // that has ended the command, or 0
	BlockedBy  JobID // the job that has failed, for one that is skipped or tainted
	Tainted    bool  // a job has failed whose early signal it had waited for
	Ended      int   // jobs whose state is final, by then
	Total      int   // jobs, by then

	address uintptr
	run     *run
}

// SignalEarly lets those go on that wait for the early signal of a job at work, such as a command whose output says that it has got so
// far. It fails with ErrState (it is not at work, or has signalled before) or ErrStale. It never blocks. Since 0.1.
func (m *Message) SignalEarly(job JobID) error {
	return failure("signal early", raw.Run_signal_early(m.native().GetRun(), uint64(job)))
}

// Add adds a job to the run, as Job.Add does. Since 0.1.
func (m *Message) Add(options JobOptions) (JobID, error) {
	return m.run.add(m.native().GetRun(), &options)
}

func (m *Message) native() raw.Run_message { return raw.SwigcptrRun_message(m.address) }

// handleMessage is called by the engine on the goroutine of Graph.Run.
func handleMessage(address, slot uintptr) int32 {
	r := runs.peek(slot)
	native := raw.SwigcptrRun_message(address)
	m := &Message{
		Kind: MessageKind(native.GetKind()), Job: JobID(native.GetJob()), Name: native.GetName(),
		Data:       append([]byte(nil), raw.Bytes(native.GetData(), native.GetSize())...),
		Continues:  native.GetFlags()&raw.PROCESS_CONTINUES != 0,
		Unfinished: native.GetFlags()&raw.PROCESS_UNFINISHED != 0,
		State:      JobState(native.GetState()), Attempt: int(native.GetAttempt()), Code: int(native.GetCode()),
		Signal: int(native.GetSignal()), BlockedBy: JobID(native.GetBlocked_by()), Tainted: native.GetTainted() != 0,
		Ended: int(native.GetEnded()), Total: int(native.GetTotal()), address: address, run: r,
	}
	var err error
	if e := contained(func() { err = r.handler(m) }); e != nil {
		err = e
	}
	if err != nil {
		r.stopped = err
		return codeFailed
	}
	return 0
}
