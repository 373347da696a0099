#!/bin/sh
# Builds a program on the assembly: sh programs.sh dotnet|mono ASSEMBLY OUT NAME SOURCE...
# ASSEMBLY is the folder of LibSched.dll and the natives. DOTNET and MCS may name the tools.
set -eu

tool=$1 assembly=$2 out=$3 name=$4
shift 4
rm -rf "$out"
mkdir -p "$out"
if [ "$tool" = mono ]; then
  "${MCS:-mcs}" -langversion:7.2 -optimize+ -debug -warnaserror "-r:$assembly/LibSched.dll" "-out:$out/$name.exe" "$@"
  cp "$assembly/LibSched.dll" "$out"
  find "$assembly" -maxdepth 1 -name '*.so*' -exec cp {} "$out" \;
  exit
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
framework=net$("${DOTNET:-dotnet}" --version | cut -d. -f1).0
{
  echo '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><OutputType>Exe</OutputType>'
  echo "<TargetFramework>$framework</TargetFramework><AssemblyName>$name</AssemblyName><LangVersion>7.3</LangVersion>"
  echo '<EnableDefaultCompileItems>false</EnableDefaultCompileItems><UseAppHost>false</UseAppHost>'
  echo '<TreatWarningsAsErrors>true</TreatWarningsAsErrors><NoWarn>SYSLIB0006;SYSLIB0024</NoWarn><NuGetAudit>false</NuGetAudit>'
  echo '<TieredPGO>true</TieredPGO></PropertyGroup><ItemGroup>'
  echo "<Reference Include=\"LibSched\"><HintPath>$assembly/LibSched.dll</HintPath></Reference>"
  for source in "$@"; do echo "<Compile Include=\"$source\" />"; done
  echo '</ItemGroup></Project>'
} >"$out/$name.csproj"
"${DOTNET:-dotnet}" build "$out/$name.csproj" -c Release -p:UseSharedCompilation=false -v:quiet -o "$out"
find "$assembly" -maxdepth 1 -name '*.so*' -exec cp {} "$out" \;
