#!/bin/sh
# Makes the assembly: sh assembly.sh dotnet|mono SOURCES GENERATED NATIVES OUT [RUNTIME VERSION]
# DOTNET and MCS may name the tools. With dotnet the package is made as well.
set -eu

tool=$1 sources=$2 generated=$3 natives=$4 out=$5
rm -rf "$out"
mkdir -p "$out"

if [ "$tool" = mono ]; then
  # mcs does not find what a comment refers to when it is generic.
  find "$sources/src" "$generated" -name '*.cs' -exec "${MCS:-mcs}" -langversion:7.2 -unsafe -optimize+ -debug -warnaserror \
    -nowarn:1574,1580,1584 -target:library "-doc:$out/LibSched.xml" "-out:$out/LibSched.dll" {} +
  echo "for .NET Framework 4.5 and Mono" >"$out/framework"
else
  runtime=$6 version=$7
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
  # dotnet_do VERB ARGUMENT...: folders of its own, so that nothing is left in the source tree
  dotnet_do() {
    verb=$1
    shift
    "${DOTNET:-dotnet}" "$verb" "$sources/LibSched.csproj" "-p:BaseIntermediateOutputPath=$out/obj/" \
      "-p:BaseOutputPath=$out/bin/" "-p:LibSchedGenerated=$generated" "-p:LibSchedNatives=$natives" \
      "-p:LibSchedRuntime=$runtime" "-p:Version=$version" -p:UseSharedCompilation=false -v:quiet "$@"
  }
  framework=netstandard2.0
  # Its reference assemblies are a package: one that was had before, or from nuget.org.
  if ! dotnet_do restore >"$out/restore.log" 2>&1; then
    framework=net$("${DOTNET:-dotnet}" --version | cut -d. -f1).0
    echo "LibSched is built for $framework: NETStandard.Library, which netstandard2.0 needs, cannot be had here." >&2
    rm -rf "$out/obj"
    dotnet_do restore "-p:LibSchedFramework=$framework"
  fi
  dotnet_do pack --no-restore -c Release "-p:LibSchedFramework=$framework" "-p:PackageOutputPath=$out"
  cp "$out/bin/Release/$framework/LibSched.dll" "$out/bin/Release/$framework/LibSched.xml" "$out"
  echo "for $framework" >"$out/framework"
fi
cp "$natives"/*.so* "$out"
