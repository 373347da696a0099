using System;
using System.Collections;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>Variables that a command gets beside those of this process: a null value leaves one out.</summary>
    internal static class Variables
    {
        private const string Name = "Environment";

        /// <summary>The NAME=value entries to set, and the names to leave out.</summary>
        internal static void Split(IDictionary<string, string> variables, ICollection<string> set, ICollection<string> unset)
        {
            foreach (KeyValuePair<string, string> variable in variables)
            {
                if (variable.Key.Length == 0 || variable.Key.IndexOf('=') >= 0)
                {
                    throw new ArgumentException(
                        Name + " has the name \"" + variable.Key + "\", which is empty or has a '='.", Name);
                }
                if (variable.Value == null) unset.Add(variable.Key);
                else set.Add(variable.Key + "=" + variable.Value);
            }
        }

        /// <summary>All NAME=value entries that a command has then; 0 for null: those of this process.</summary>
        internal static long All(IDictionary<string, string> variables, NativeArrays memory)
        {
            if (variables == null) return 0;
            var all = new List<string>();
            Split(variables, all, new List<string>());
            foreach (DictionaryEntry inherited in Environment.GetEnvironmentVariables())
            {
                if (!variables.ContainsKey((string)inherited.Key)) all.Add(inherited.Key + "=" + inherited.Value);
            }
            return memory.Texts(all, Name);
        }

        internal static void Fill(IDictionary<string, string> variables, long processOptions, NativeArrays memory)
        {
            if (variables == null) return;
            var set = new List<string>();
            var unset = new List<string>();
            Split(variables, set, unset);
            Raw.process_options_env_set_set(processOptions, memory.Texts(set, Name));
            Raw.process_options_env_unset_set(processOptions, memory.Texts(unset, Name));
        }
    }
}
