// Counts the lines, words and bytes of all files below directories, as find and wc do: TreeWc DIRECTORY...
// Directories and files are tasks of one group, which is waited for.

using System;
using System.IO;
using System.Threading;
using LibSched;

static class TreeWc
{
    static long lines, words, bytes;
    static int failures;

    static int Main(string[] directories)
    {
        if (directories.Length == 0)
        {
            Console.Error.WriteLine("Usage: TreeWc DIRECTORY...");
            return 2;
        }
        using (var pool = new Pool(new PoolOptions { Name = "treewc" }))
        using (Group group = pool.CreateGroup())
        {
            foreach (string directory in directories) group.Submit(() => Walk(group, directory));
            group.Wait();
        }
        Console.WriteLine("{0,7} {1,7} {2,7} total", lines, words, bytes);
        return failures == 0 ? 0 : 1;
    }

    static void Walk(Group group, string directory)
    {
        try
        {
            foreach (string path in Directory.GetFileSystemEntries(directory))
            {
                FileAttributes attributes = File.GetAttributes(path);
                if ((attributes & FileAttributes.ReparsePoint) != 0) continue;
                if ((attributes & FileAttributes.Directory) != 0) group.Submit(() => Walk(group, path));
                else group.Submit(() => Count(path), Priority.High);
            }
        }
        catch (Exception exception) when (exception is IOException || exception is UnauthorizedAccessException)
        {
            Failed(exception);
        }
    }

    static void Count(string path)
    {
        long ofLines = 0, ofWords = 0, ofBytes = 0;
        bool inWord = false;
        var buffer = new byte[65536];
        try
        {
            using (FileStream file = File.OpenRead(path))
            {
                for (int length; (length = file.Read(buffer, 0, buffer.Length)) > 0;)
                {
                    ofBytes += length;
                    for (int i = 0; i < length; i++)
                    {
                        byte c = buffer[i];
                        if (c == '\n') ofLines++;
                        if (c == ' ' || (c >= '\t' && c <= '\r')) inWord = false;
                        else if (c > ' ' && c < 0x7f && !inWord)
                        {
                            inWord = true;
                            ofWords++;
                        }
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException || exception is UnauthorizedAccessException)
        {
            Failed(exception);
        }
        Interlocked.Add(ref lines, ofLines);
        Interlocked.Add(ref words, ofWords);
        Interlocked.Add(ref bytes, ofBytes);
    }

    static void Failed(Exception exception)
    {
        Interlocked.Increment(ref failures);
        Console.Error.WriteLine("TreeWc: " + exception.Message);
    }
}
