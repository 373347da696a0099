// Follows the includes of C headers, with async and await on a pool: AsyncCrawl DIRECTORY HEADER...
// Each directory's files are read by a channel of its own, so that none holds up the others; prints how many headers are reached,
// and how many includes lead nowhere below DIRECTORY.

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

sealed class AsyncCrawl
{
    static readonly Regex Include = new Regex("^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]", RegexOptions.Multiline);
    readonly string root;
    readonly Dispatcher<Page> reader;
    readonly ConcurrentDictionary<string, bool> seen = new ConcurrentDictionary<string, bool>();
    readonly ConcurrentDictionary<string, Lazy<Channel<Page>>> channels = new ConcurrentDictionary<string, Lazy<Channel<Page>>>();
    int missing;

    sealed class Page
    {
        internal string Path;
        internal string Text;
    }

    AsyncCrawl(Pool pool, string root)
    {
        this.root = root;
        reader = new Dispatcher<Page>(pool, page => page.Text = File.ReadAllText(page.Path));
    }

    static int Main(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine("Usage: AsyncCrawl DIRECTORY HEADER...");
            return 2;
        }
        using (var pool = new Pool(new PoolOptions { Name = "crawl" }))
        {
            var crawl = new AsyncCrawl(pool, arguments[0]);
            using (crawl.reader)
            {
                pool.Run(() => Task.WhenAll(arguments.Skip(1).Select(crawl.Visit))).Wait();
                foreach (var channel in crawl.channels.Values) channel.Value.Dispose();
            }
            Console.WriteLine("{0} headers, {1} includes lead elsewhere", crawl.seen.Count, crawl.missing);
        }
        return 0;
    }

    async Task Visit(string header)
    {
        string path = Path.GetFullPath(Path.Combine(root, header));
        if (!File.Exists(path))
        {
            Interlocked.Increment(ref missing);
            return;
        }
        if (!seen.TryAdd(path, true)) return;
        var page = new Page { Path = path };
        await ChannelOf(Path.GetDirectoryName(path)).SendAsync(page);
        // Here again on a worker of the pool.
        var next = Include.Matches(page.Text).Cast<Match>().Select(match => match.Groups[1].Value).Distinct();
        await Task.WhenAll(next.Select(Visit).ToArray());
    }

    Channel<Page> ChannelOf(string directory)
    {
        return channels.GetOrAdd(directory, name => new Lazy<Channel<Page>>(
            () => reader.CreateChannel(new ChannelOptions { Name = name, Limit = 2 }))).Value;
    }
}
