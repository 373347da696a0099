#!/bin/sh
# A program outside the tree builds and runs against what is installed: sh consumer_test.sh dotnet|mono BUILD
# dotnet takes the package, Mono the assembly. DOTNET, MCS and MONO may name the tools.
set -eu

tool=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || {
  cat "$work/install.log" >&2
  exit 1
}
installed=$(dirname "$(find "$work/prefix" -name mono -prune -o -name LibSched.dll -print)")

mkdir "$work/consumer"
cd "$work/consumer"
cat >Program.cs <<'END'
using System;
using LibSched;

static class Program
{
    static int Main()
    {
        using (var pool = new Pool())
        {
            int answer = pool.Run(() => 42).Result;
            Console.WriteLine("{0} {1}", Library.Version, answer);
            return answer == 42 ? 0 : 1;
        }
    }
}
END

if [ "$tool" = mono ]; then
  installed=$(dirname "$(find "$work/prefix" -path "*/mono/LibSched.dll")")
  "${MCS:-mcs}" "-r:$installed/LibSched.dll" -out:Consumer.exe Program.cs
  MONO_PATH=$installed "${MONO:-mono}" Consumer.exe
  exit
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 "NUGET_PACKAGES=$work/packages"
version=$(basename "$(find "$installed" -name '*.nupkg')" .nupkg)
cat >NuGet.Config <<END
<configuration><packageSources><clear /><add key="installed" value="$installed" /></packageSources></configuration>
END
cat >Consumer.csproj <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net$("${DOTNET:-dotnet}" --version | cut -d. -f1).0</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="LibSched" Version="${version#LibSched.}" /></ItemGroup>
</Project>
END
"${DOTNET:-dotnet}" build -p:UseSharedCompilation=false -v:quiet -o out
"${DOTNET:-dotnet}" out/Consumer.dll
