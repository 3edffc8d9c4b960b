# Finds JDKs; sourced by mvnw and hawser. POSIX shell, no output except each function's answer.
# shellcheck shell=sh

# jdk_major DIR: prints the feature version (25) of the JDK in DIR, fails when there is none.
jdk_major() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || return 1
  while IFS='=' read -r jdk_key jdk_value || [ -n "$jdk_key" ]; do
    [ "$jdk_key" = JAVA_VERSION ] || continue
    jdk_value=${jdk_value#\"}
    jdk_value=${jdk_value#1.}
    jdk_value=${jdk_value%%[!0-9]*}
    [ -n "$jdk_value" ] || return 1
    echo "$jdk_value"
    return 0
  done <"$1/release"
  return 1
}

# jdk_on_path: prints the home of the JDK whose java is the first on the PATH, symbolic links followed.
jdk_on_path() {
  jdk_java=$(command -v java 2>/dev/null) || return 1
  while [ -h "$jdk_java" ]; do
    jdk_link=$(readlink "$jdk_java") || return 1
    case "$jdk_link" in
    /*) jdk_java=$jdk_link ;;
    *) jdk_java=$(dirname "$jdk_java")/$jdk_link ;;
    esac
  done
  if jdk_major "$(dirname "$jdk_java")/.." >/dev/null; then
    (cd "$(dirname "$jdk_java")/.." && pwd)
  else
    # A shim of a version manager (jenv, asdf, macOS's /usr/bin/java): only the JVM itself knows.
    jdk_home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
    [ -n "$jdk_home" ] && echo "$jdk_home"
  fi
}

# jdk_find MIN: prints the home of a JDK of at least version MIN: JAVA_HOME, then the one on the PATH,
# then the lowest sufficient version in the usual folders.
jdk_find() {
  for jdk_dir in "${JAVA_HOME-}" "$(jdk_on_path || :)"; do
    if [ -n "$jdk_dir" ] && jdk_version=$(jdk_major "$jdk_dir") && [ "$jdk_version" -ge "$1" ]; then
      echo "$jdk_dir"
      return 0
    fi
  done
  (
    set +f
    best='' best_version=1000
    for jdk_dir in /usr/lib/jvm/* /usr/java/* /opt/* /opt/*/* /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
      /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /Library/Java/JavaVirtualMachines/*/Contents/Home \
      "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.jenv/versions/* \
      "${HOME-}"/.asdf/installs/java/* "${HOME-}"/.local/share/mise/installs/java/*; do
      if jdk_version=$(jdk_major "$jdk_dir") && [ "$jdk_version" -ge "$1" ] && [ "$jdk_version" -lt "$best_version" ]; then
        best=$jdk_dir best_version=$jdk_version
      fi
    done
    [ -n "$best" ] && echo "$best"
  )
}

# jdk_missing MIN WHO: says what was looked for, where, and how to get one.
jdk_missing() {
  cat >&2 <<TEXT
$2 needs a JDK $1 or later, and there is none in JAVA_HOME (${JAVA_HOME:-not set}), on the PATH
($(jdk_on_path || echo 'no java')) or in the usual folders (/usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks,
/Library/Java/JavaVirtualMachines). Install one, for example
  Debian, Ubuntu   apt-get install openjdk-$1-jdk
  macOS            brew install --cask temurin@$1
  anywhere         https://adoptium.net/temurin/releases/?version=$1
or set JAVA_HOME to where it is.
TEXT
}
