#!/usr/bin/env bash
# pgha.sh - a throw-away 3-node PostgreSQL HA cluster on loopback, from Debian 12 packages only:
#   apt-get install --no-install-recommends postgresql patroni etcd-server haproxy pgbouncer curl procps
# usage: pgha.sh up | down | destroy | reap | guard | status | primary | standbys | kill9 NODE | stop NODE | cont NODE
#                | start NODE | switchover | conf KEY=JSON...   (NODE is n1, n2 or n3)
#        reap is destroy by kill -9, at once; guard reaps when its standard input ends, so when its parent does
# env:  PGHA_DIR   data dir (default /tmp/pgha.$UID)     PGHA_BASE  first port (default 25400)
#       PGHA_SYNC  on|strict|off (default strict)        PGHA_TTL/PGHA_LOOP/PGHA_RETRY  (default 20/1/3)
#       PGHA_START_TIMEOUT primary_start_timeout (default 0: fail over at once on a crash)
#       PGHA_DCS   etcd (v2 API, default) or etcd3
# ports: pg BASE+1..3, patroni REST BASE+11..13, etcd BASE+21 (peer +22),
#        haproxy rw BASE+30, ro BASE+31, pgbouncer (to haproxy rw) BASE+40
set -euo pipefail
D=${PGHA_DIR:-/tmp/pgha.$(id -u)}; B=${PGHA_BASE:-25400}
SYNC=${PGHA_SYNC:-strict}; TTL=${PGHA_TTL:-20}; LOOP=${PGHA_LOOP:-1}; RETRY=${PGHA_RETRY:-3}
PST=${PGHA_START_TIMEOUT:-0}
# Debian 12's patroni 3.0.2 loses acknowledged rows over the etcd v3 API when a hung primary wakes up: its
# update_leader() overwrites the new leader's key (upstream #2693, fixed in 3.0.3). The v2 API compares first.
DCS=${PGHA_DCS:-etcd}
BIN=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
U=${PGHA_USER:-postgres}; NODES="n1 n2 n3"; SCOPE=pgha
# become the unprivileged user (postgres refuses to run as root); in place of the shell with exec_as
exec_as() { local pre=; [ "$1" != -s ] || { pre=setsid; shift; }
  if [ "$(id -u)" = 0 ]; then exec $pre setpriv --reuid="$U" --regid="$U" --init-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$D" LANG=C.UTF-8 "$@"
  else exec $pre env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$D" LANG=C.UTF-8 "$@"; fi; }
as() { (exec_as "$@"); }
num() { echo "${1#n}"; }
pgport() { echo $((B + $(num "$1"))); }
restport() { echo $((B + 10 + $(num "$1"))); }
# start a daemon in its own session, remember its pid
bg() { local name=$1; shift; { cd "$D"; exec_as -s "$@"; } >>"$D/$name.log" 2>&1 </dev/null & echo $! >"$D/$name.pid"; }
alive() { [ -s "$D/$1.pid" ] && kill -0 "$(cat "$D/$1.pid")" 2>/dev/null; }
http() { curl -s -o /dev/null -m 2 -w '%{http_code}' "$1" || true; }

write_conf() {
  local n=$1 sync strict
  case $SYNC in strict) sync=true strict=true;; on) sync=true strict=false;; *) sync=false strict=false;; esac
  cat >"$D/$n.yml" <<Y
scope: $SCOPE
name: $n
restapi: {listen: "127.0.0.1:$(restport $n)", connect_address: "127.0.0.1:$(restport $n)"}
$DCS: {hosts: "127.0.0.1:$((B+21))"}
bootstrap:
  dcs:
    ttl: $TTL
    loop_wait: $LOOP
    retry_timeout: $RETRY
    maximum_lag_on_failover: 1048576
    primary_start_timeout: $PST
    master_start_timeout: $PST
    synchronous_mode: $sync
    synchronous_mode_strict: $strict
    synchronous_node_count: 1
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        wal_level: replica
        hot_standby: "on"
        wal_log_hints: "on"
        max_connections: 100
        max_wal_senders: 10
        max_replication_slots: 10
        wal_keep_size: 256MB
        shared_buffers: 64MB
        wal_receiver_timeout: 5s
        wal_sender_timeout: 5s
        tcp_keepalives_idle: 5
        tcp_keepalives_interval: 1
        tcp_keepalives_count: 3
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
postgresql:
  listen: 127.0.0.1:$(pgport $n)
  connect_address: 127.0.0.1:$(pgport $n)
  bin_dir: $BIN
  data_dir: $D/data/$n
  pgpass: $D/$n.pgpass
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
  authentication:
    superuser: {username: postgres, password: x}
    replication: {username: replicator, password: x}
    rewind: {username: rewinder, password: x}
  parameters: {unix_socket_directories: "$D/sock"}
tags: {nofailover: false, noloadbalance: false, clonefrom: false, nosync: false}
Y
}
write_haproxy() {
  cat >"$D/haproxy.cfg" <<H
global
  maxconn 500
defaults
  mode tcp
  timeout connect 2s
  timeout client 30m
  timeout server 30m
  timeout check 2s
  default-server inter 500ms fastinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions
frontend rw
  bind 127.0.0.1:$((B+30))
  default_backend primary
frontend ro
  bind 127.0.0.1:$((B+31))
  default_backend replicas
backend primary
  option httpchk OPTIONS /primary
  http-check expect status 200
$(for n in $NODES; do echo "  server $n 127.0.0.1:$(pgport $n) check port $(restport $n)"; done)
backend replicas
  balance leastconn
  option httpchk OPTIONS /replica?lag=1MB
  http-check expect status 200
$(for n in $NODES; do echo "  server $n 127.0.0.1:$(pgport $n) check port $(restport $n)"; done)
H
  cat >"$D/pgbouncer.ini" <<P
[databases]
* = host=127.0.0.1 port=$((B+30))
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $((B+40))
unix_socket_dir =
auth_type = trust
auth_file = $D/users.txt
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
server_login_retry = 1
server_connect_timeout = 2
ignore_startup_parameters = extra_float_digits
logfile = $D/pgbouncer.int.log
pidfile = $D/pgbouncer.int.pid
P
  printf '"postgres" ""\n"app" ""\n' >"$D/users.txt"
}
primary() { for n in $NODES; do [ "$(http http://127.0.0.1:$(restport $n)/primary)" = 200 ] && { echo $n; return 0; }; done; return 1; }
standbys() { for n in $NODES; do [ "$(http http://127.0.0.1:$(restport $n)/replica)" = 200 ] && echo $n; done; return 0; }
# the processes whose folder is this one or below it: daemons start in $D, and postgres goes to its data
pids_in() { find /proc/[0-9]* -maxdepth 1 -name cwd \( -lname "$1" -o -lname "$1/*" \) 2>/dev/null | cut -d/ -f3; }
# every process of a node: patroni's session and postgres (which patroni starts in another session)
node_pids() { local n=$1; [ -s "$D/$n.pid" ] && pgrep -s "$(cat "$D/$n.pid")" || true; pids_in "$D/data/$n"; }
signal() { kill "-$1" $(node_pids "$2") 2>/dev/null || true; }
# kill everything until nothing is left, whatever starts meanwhile
reap() { local p; until p=$(pids_in "$D"); [ -z "$p" ]; do kill -9 $p 2>/dev/null || true; sleep 0.1; done; rm -rf "$D"; }
wait_ready() { local t=0; until primary >/dev/null && [ "$(standbys | wc -l)" = 2 ] && { [ "$SYNC" = off ] || sync_ok; }; do sleep 0.5; t=$((t+1)); [ $t -lt 240 ] || { echo "not ready" >&2; return 1; }; done; }
sync_ok() { for n in $NODES; do [ "$(http http://127.0.0.1:$(restport $n)/sync)" = 200 ] && return 0; done; return 1; }

case ${1:-} in
up)
  mkdir -p "$D/data" "$D/sock"; [ "$(id -u)" != 0 ] || chown -R "$U" "$D"; chmod 700 "$D"
  bg etcd etcd --enable-v2=true --name e1 --data-dir "$D/etcd" --listen-client-urls http://127.0.0.1:$((B+21)) --advertise-client-urls http://127.0.0.1:$((B+21)) \
     --listen-peer-urls http://127.0.0.1:$((B+22)) --initial-advertise-peer-urls http://127.0.0.1:$((B+22)) --initial-cluster e1=http://127.0.0.1:$((B+22)) --logger zap --log-outputs stderr
  until [ "$(http http://127.0.0.1:$((B+21))/health)" = 200 ]; do sleep 0.2; done
  for n in $NODES; do write_conf $n; [ "$(id -u)" != 0 ] || chown "$U" "$D/$n.yml"; done
  for n in $NODES; do bg $n patroni "$D/$n.yml"; [ -d "$D/data/$n" ] || [ $n != n1 ] || sleep 1; done
  write_haproxy; [ "$(id -u)" != 0 ] || chown "$U" "$D"/*.cfg "$D"/*.ini "$D"/*.txt
  wait_ready
  bg haproxy haproxy -db -f "$D/haproxy.cfg"; bg pgbouncer pgbouncer "$D/pgbouncer.ini"
  until (exec 3<>/dev/tcp/127.0.0.1/$((B+40))) 2>/dev/null; do sleep 0.2; done
  echo "primary $(primary), standbys $(standbys | tr '\n' ' ')"
  echo "multi-host: postgres://postgres@127.0.0.1:$((B+1)),127.0.0.1:$((B+2)),127.0.0.1:$((B+3))/postgres?sslmode=disable&target_session_attrs=read-write" ;;
down|destroy)
  for n in $NODES; do for p in $(node_pids $n); do kill -CONT $p 2>/dev/null || true; done; done
  for x in pgbouncer haproxy $NODES; do alive $x && kill "$(cat "$D/$x.pid")" || true; done
  for i in $(seq 60); do r=0; for n in $NODES; do alive $n && r=1; done; [ $r = 0 ] && break; sleep 0.5; done
  for n in $NODES; do for p in $(node_pids $n); do kill -9 $p 2>/dev/null || true; done; done
  alive etcd && kill "$(cat "$D/etcd.pid")" || true; sleep 0.5; rm -f "$D"/*.pid
  if [ "$1" = destroy ]; then rm -rf "$D"; fi; true ;;
reap) cd /; reap ;;
guard) cd /; trap '' HUP INT TERM PIPE; cat >/dev/null; reap ;;
status) as patronictl -c "$D/n1.yml" list ;;
primary) primary ;;
standbys) standbys ;;
kill9) signal KILL "$2" ;;                                                              # the machine dies
killpg) kill -9 "$(head -1 "$D/data/$2/postmaster.pid")" ;;                             # only postgres dies
stop) signal STOP "$2"; signal STOP "$2" ;;      # the machine hangs, together with what began meanwhile
cont) signal CONT "$2" ;;
start) bg "$2" patroni "$D/$2.yml" ;;
ready) wait_ready ;;
switchover) l=$(primary); as patronictl -c "$D/n1.yml" switchover --force --master $l $SCOPE ;;
conf) shift; for kv in "$@"; do as patronictl -c "$D/n1.yml" edit-config --force --set "$kv" $SCOPE >/dev/null; done ;;
*) sed -n 2,12p "$0"; exit 2 ;;
esac
