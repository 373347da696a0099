namespace LibSched
{
    /// <summary>Runs what an unload of the domain may abort. Who calls catches the abort.</summary>
    internal static class Abortable
    {
        internal static void Run<T>(T code)
            where T : struct, IUserCode
        {
            Run(code, ProcessEnd.OnMono ? Worker.Current : null);
        }

        /// <summary>The same on the calling worker; null: it is none.</summary>
        internal static void Run<T>(T code, Worker worker)
            where T : struct, IUserCode
        {
            if (!ProcessEnd.OnMono) code.Run();
            else if (worker == null) RunElsewhere(code);
            else RunOnMono(code, worker);
        }

        private static void RunOnMono<T>(T code, Worker worker)
            where T : struct, IUserCode
        {
            AbortGate gate = worker.Gate;
            bool open = gate.Leave();
            try
            {
                gate.Enter();
                code.Run();
            }
            finally
            {
                gate.Leave();
                if (open) gate.Enter();
            }
        }

        // On a thread that waits.
        private static void RunElsewhere<T>(T code)
            where T : struct, IUserCode
        {
            Worker worker = Worker.Attach();
            try
            {
                RunOnMono(code, worker);
            }
            finally
            {
                Worker.Detach();
            }
        }
    }
}
