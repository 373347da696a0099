// Ours, through the C interface of the shared library: what every language sees.

#include "bench/abi/calls_rows.h"
#include "bench/abi/channels_rows.h"
#include "bench/abi/graphs.h"
#include "bench/abi/messages.h"
#include "bench/abi/pool.h"
#include "bench/abi/processes.h"
#include "bench/abi/queues.h"
#include "bench/abi/structured.h"
#include "bench/abi/tokens.h"

int main(int argc, char** argv) {
  bench::add_deque_rows<abi::Deque<LIBSCHED_LIFO>, abi::Deque<LIBSCHED_FIFO>>();
  bench::add_injector_rows<abi::Injector>();
  bench::add_injector_bulk_row<abi::Injector>();
  bench::add_message_rows<abi::Messages>();
  bench::add_row("submit-1m", bench::submit_1m<abi::Pool>);
  bench::add_row("submit-n", abi::submit_n);
  bench::add_row("run", abi::run);
  bench::add_row("run-batch", abi::run_batch);
  bench::add_row("wake", bench::wake<abi::Pool>);
  bench::add_row("idle", bench::idle<abi::Pool>);
  bench::add_row("queued-bytes", bench::queued_bytes<abi::Pool>);
  bench::add_row("fork-join-1w", abi::fork_join<1>);
  bench::add_row("fork-join-2w", abi::fork_join<2>);
  bench::add_row("group-tree-1w", abi::group_tree<1>);
  bench::add_row("group-tree-2w", abi::group_tree<2>);
  bench::add_loop_rows<abi::Loop>();
  bench::add_row("channels", abi::channels);
  bench::add_row("channels-idle", abi::channels_idle);
  bench::add_row("channels-bytes", abi::channels_bytes);
  bench::add_row("channels-cpu", abi::channels_cpu);
  bench::add_token_rows<abi::Tokens>();
  bench::add_row("tokens-cancel", abi::tokens_cancel);
  bench::add_process_rows<abi::run_process>();
  bench::add_row("dag-random", [] { return bench::run_dag<abi::ComputeGraph>(bench::random_dag); });
  bench::add_row("dag-wavefront",
                 [] { return bench::run_dag<abi::ComputeGraph>(bench::wavefront_dag); });
  bench::add_row("dag-build", abi::dag_build);
  bench::add_row("dag-build-names", abi::dag_build_names);
  bench::add_row("dag-bytes", abi::dag_bytes);
  bench::add_row("dag-handler", abi::dag_handler);
  bench::add_row("dag-commands", bench::dag_commands<abi::run_commands>);
  return bench::run(argc, argv);
}
