# Ends the server and removes its folder once the process that started it has ended, however that happened: its end of the
# pipe on standard input is then closed by the kernel. The folder comes by an environment variable, so that this shell's
# own command line does not name it.
trap '' HUP INT QUIT TERM
exec >/dev/null 2>&1
PATH=$PATH:/usr/bin:/bin
cat

# In a shared temporary folder a name proves nothing; what another user owns is left alone.
[ ! -e "$TENANCY_SERVER_FOLDER" ] || [ -O "$TENANCY_SERVER_FOLDER" ] || exit 0

data=$TENANCY_SERVER_FOLDER/data

# Whatever works on the data folder has it in its command line (postmaster, initdb, pg_ctl); the postmaster's children end with it.
servers() {
  if [ -r /proc/self/cmdline ]; then
    printf '%s\n' "$data" | grep -lsaF -f - /proc/[0-9]*/cmdline | cut -d/ -f3
  else
    ps -axww -o pid=,command= | while read -r pid command; do
      case $command in *"$data"*) echo "$pid" ;; esac
    done
  fi
}

# QUIT is an immediate shutdown to a postmaster, and harmless a second time; KILL only what does not listen, since shared memory would stay behind.
tries=0
while [ "$tries" -lt 300 ]; do
  pids=$(servers)
  if [ -z "$pids" ]; then
    rm -rf "$TENANCY_SERVER_FOLDER"
    [ -e "$TENANCY_SERVER_FOLDER" ] || exit 0
  elif [ "$tries" -lt 100 ]; then
    kill -s QUIT $pids
  else
    kill -s KILL $pids
  fi
  tries=$((tries + 1))
  sleep 0.1
done
exit 1
