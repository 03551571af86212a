# What fresh-machine.sh carries from this machine into a new system, so that registries are reached in the same way.
# Sourced. Files go to the place where they lie here, those of the home to /root.

# debian_mirror <label> <otherwise>: where this machine has the packages of that archive from
debian_mirror() {
  local found=
  if command -v apt-get >/dev/null; then
    # shellcheck disable=SC2016 # apt's own names
    found=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
      awk -v label="$1" '$1 == label { print $2; exit }') || true
  fi
  echo "${found:-$2}"
}

# carry_registries <system> <folders>: copies settings into SYSTEM and lists the folders to mount there, one a line:
# ro or rw, the folder here, the folder there
carry_registries() {
  local system=$1 folders=$2
  : >"$folders"
  local file
  for file in /etc/resolv.conf /etc/hosts; do
    [[ ! -e $file ]] || cp -L --remove-destination "$file" "$system$file"
  done
  carry_apt
  carry_certificates
  carry_pip
  carry_maven
  carry_environment
  [[ -z ${cache:-} ]] || carry_caches
}

# How apt fetches; which files it fetches, and by which program, is the new system's affair.
carry_apt() {
  ! command -v apt-config >/dev/null || apt-config dump | grep '^Acquire::' |
    grep -v -E '^Acquire::(IndexTargets|Languages|CompressionTypes|.*Auto-?Detect|.*(Bin|Path))' \
      >"$system/etc/apt/apt.conf.d/90host" || true
}

# Those that the administrator added; the packages ca-certificates and ca-certificates-java take them from there.
carry_certificates() {
  local folder
  mkdir -p "$system/usr/local/share/ca-certificates/host"
  for folder in /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors; do
    [[ ! -d $folder ]] || find "$folder" -type f \( -name '*.crt' -o -name '*.pem' \) -print0 |
      while IFS= read -r -d '' file; do
        cp "$file" "$system/usr/local/share/ca-certificates/host/$(basename "${file%.*}").crt"
      done
  done
  [[ ! -x $system/usr/sbin/update-ca-certificates ]] || chroot "$system" update-ca-certificates >/dev/null 2>&1
}

carry_pip() {
  local file files=(/etc/pip.conf /etc/xdg/pip/pip.conf)
  for file in "${files[@]}"; do carry_pip_file "$file" "$file"; done
  carry_pip_file "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" /root/.config/pip/pip.conf
  carry_pip_file "$HOME/.pip/pip.conf" /root/.pip/pip.conf
  [[ -z ${PIP_CONFIG_FILE:-} ]] || carry_pip_file "$PIP_CONFIG_FILE" "$PIP_CONFIG_FILE"
  carry_pip_paths "$(env | sed -n 's/^PIP_[A-Z_]*=//p')"
}

carry_pip_file() {
  [[ -f $1 ]] || return 0
  mkdir -p "$system$(dirname "$2")"
  cp -L "$1" "$system$2"
  carry_pip_paths "$(sed -n 's/^[^#;]*=//p; s/^[[:space:]]\{1,\}\([^#;]\)/\1/p' "$1")"
}

# carry_pip_paths <values>: files that are named are copied, folders are mounted
carry_pip_paths() {
  local word
  for word in $1; do
    word=${word#file://}
    word=${word%/}
    case $word in
      /etc/ssl/* | /dev/*) ;; # the new system has its own
      # Pages of an index name files that lie beside it.
      */simple) [[ ! -d $word ]] || add_folder ro "${word%/simple}" "${word%/simple}" ;;
      /?*)
        if [[ -d $word ]]; then add_folder ro "$word" "$word"
        elif [[ -f $word ]]; then install -D -m 644 "$word" "$system$word"
        fi ;;
    esac
  done
}

add_folder() { printf '%s\t%s\t%s\n' "$@" | grep -v -x -F -f "$folders" >>"$folders" || true; }

carry_maven() {
  local file
  for file in "$HOME"/.m2/settings*.xml; do
    [[ ! -f $file ]] || install -D -m 600 "$file" "$system/root/.m2/${file##*/}"
  done
}

# Written as assignments that a shell reads. Passwords in proxies stay in the new system, which only root reads.
carry_environment() {
  local name
  {
    while IFS= read -r name; do
      [[ ! $name =~ ^(PIP_.*|MVNW_.*|MAVEN_OPTS|MAVEN_ARGS|DMT_.*)$ &&
        ! ${name,,} =~ ^(http|https|ftp|all|no)_proxy$ ]] || printf '%s=%q\n' "$name" "${!name}"
    done < <(compgen -e)
    printf 'TERM=%q\n' "${TERM:-dumb}"
    # Its driver is this machine's; the new system has no libraries for it.
    [[ -n ${DMT_GPU:-} ]] || echo DMT_GPU=off
  } >"$system/root/.fresh-machine-env"
  chmod 600 "$system/root/.fresh-machine-env"
}

carry_caches() {
  mkdir -p "$cache/apt-$suite/partial" "$cache/m2"
  add_folder rw "$cache/apt-$suite" /var/cache/apt/archives
  add_folder rw "$cache/m2" /root/.m2/repository
  # Debian's images delete what they have installed.
  echo 'Binary::apt-get::APT::Keep-Downloaded-Packages "true";' >"$system/etc/apt/apt.conf.d/91cache"
}
