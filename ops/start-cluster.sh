# Sourced by ops/start --cluster behind "build": home is the cluster's folder.
# shellcheck disable=SC2154
[ "$home" != "$PWD/home" ] || home=$PWD/cluster
step 'home' "make $home writable, or choose another with --home" make_cluster "$home" "$port_base" "$suite"
for half in a b; do
    step "city $half" "correct what is named above in $home/$half" check_city "$home/$half"
done
for program in $(programs_of "$home/database"); do
    step "$program" "see $home/database/log/$program.log" keep_program "$home/database" "$program"
    [ "$program" != etcd ] || step 'etcd healthy' "see $home/database/log/etcd.log" wait_healthy "$home/database" etcd
done
step 'database replicated' "patronictl -c $home/database/db-1.yml list; logs in $home/database/log" wait_replicated "$home"
step 'database schema' "see $home/database/log" fill_schema "$home"
for half in a b; do
    for program in $(programs_of "$home/$half"); do
        step "$half $program" "see $home/$half/log/$program.log" keep_program "$home/$half" "$program"
        # The first leads, the second follows: which one it is at a later start, the annals say.
        [ "$program" != dispatcher ] || [ $half = b ] || step 'a dispatcher leads' "see $home/$half/log/dispatcher.log" wait_leader "$home"
    done
done
for half in a b; do
    for program in $(programs_of "$home/$half"); do
        [ "$program" != dispatcher ] || continue
        step "$half $program healthy" "see $home/$half/log/$program.log" wait_healthy "$home/$half" "$program"
    done
done
leader=$(leader_of "$home")
step knowledge "see yihao knowledge list --home $leader" fill_knowledge "$leader"
tell_where "$home/a" | grep -v '^stop'
tell_where "$home/b" | grep -E '^(calls|texts|consoles) '
cat << WORDS
leads now 主机  $leader
database 数据库 patronictl -c $home/database/db-1.yml list
stop 停止       ops/stop --home $home
WORDS
