# Completion of yihao for bash; made by `yihao help --bash` from the verb table.
_yihao() {
    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words='' own='' plain=() i
    case $before in
    --home) COMPREPLY=($(compgen -d -- "$now")); return ;;
    -o | --output) COMPREPLY=($(compgen -W 'table json csv' -- "$now")); return ;;
    --as) return ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --home | --as | -o | --output) ((i++)) ;;
        -*) ;;
        *) plain+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case ${plain[0]-} in
    '') words="status queue takers seat incident secret petition precedent guide task unit plan coverage contact disposition handover person who-saw callback text attachment recording silence mark erasure break-glass retention preserve storm cluster notice knowledge number revisit trail export events kpi capacity trunk doctor template city conf signet keys backup restore rehearse user metrics help" ;;
    queue) words="explain" ;;
    seat) words="ready away sign-on sign-off accept finish" ;;
    incident) words="list show register dispatch tell survey attach reopen note answer void draft review ask-info give-info object dispute rule resume explain control prioritize conceal urge supervise bounce likely merge unmerge link unlink split upgrade downgrade flag" ;;
    secret) words="grant revoke end list" ;;
    petition) words="list ask rule cancel" ;;
    precedent) words="list" ;;
    guide) words="check begin answer undo show" ;;
    task) words="list sign progress send-back rule reply answer reject add recall forward" ;;
    unit) words="list set place alert check-in staff" ;;
    plan) words="propose raise show" ;;
    contact) words="transfer hand-over keep hold resume press join change drop take-over need reline dispose show offer-callback call-back tried silent speaks" ;;
    disposition) words="list" ;;
    handover) words="list leave take" ;;
    person) words="find read reveal" ;;
    callback) words="list try finish" ;;
    text) words="write show owed told" ;;
    attachment) words="add save" ;;
    recording) words="save" ;;
    silence) words="check rule" ;;
    mark) words="list ask confirm end" ;;
    erasure) words="list ask rule run subjects" ;;
    break-glass) words="list ask agree end review" ;;
    retention) words="list try run" ;;
    preserve) words="list set lift" ;;
    storm) words="show enter leave" ;;
    cluster) words="announce status take-over" ;;
    notice) words="list show create add start pause go-on stop" ;;
    knowledge) words="search list show draft import review publish review-all publish-all archive correct rate" ;;
    number) words="subscribe unsubscribe" ;;
    revisit) words="finish" ;;
    trail) words="show export verify" ;;
    export) words="check" ;;
    kpi) words="recount" ;;
    capacity) words="takers trunks" ;;
    trunk) words="show drain resume" ;;
    template) words="list check preview" ;;
    city) words="diff check propose approve reject withdraw undo history show" ;;
    conf) words="check" ;;
    signet) words="make enrol list rule revoke" ;;
    keys) words="make list renew announce retire person backup" ;;
    user) words="password passwords totp phone" ;;
    esac
    [ ${#plain[@]} -lt 2 ] || words=''
    case "${plain[*]:0:2}" in
    "queue") own="--ended --disposition" ;;
    "incident list") own="--open --state --department --line --day --from --until --category --district --taker --caller --east --north --before" ;;
    "incident register") own="--contact --line --priority --district --secrecy --text-unsafe --anonymous --east-cell --north-cell --number --name --address --text" ;;
    "incident dispatch") own="--lead --assists" ;;
    "incident tell") own="--excuse --text" ;;
    "incident survey") own="--contacted --solved --satisfied" ;;
    "incident reopen") own="--new-fact --text" ;;
    "incident note") own="--text" ;;
    "incident answer") own="--text" ;;
    "incident void") own="--text" ;;
    "incident draft") own="--draft --contact --line --category --priority --district --secrecy --text-unsafe --anonymous --number --name --address --text" ;;
    "incident review") own="--defect --text" ;;
    "incident ask-info") own="--text" ;;
    "incident give-info") own="--text" ;;
    "incident object") own="--text" ;;
    "incident dispute") own="--parties --meeting-ms --text" ;;
    "incident rule") own="--assists --precedent --text" ;;
    "incident resume") own="--text" ;;
    "incident explain") own="--contacted --solved --satisfied --close --text" ;;
    "incident control") own="--text" ;;
    "incident prioritize") own="--text" ;;
    "incident conceal") own="--text" ;;
    "incident urge") own="--citizen --text" ;;
    "incident supervise") own="--text" ;;
    "incident bounce") own="--text" ;;
    "petition list") own="--incident" ;;
    "petition ask") own="--task --until-ms --told --extension --suspension --not-accepted --means --excuse --nuisance --secrecy --priority --line --text" ;;
    "petition rule") own="--text" ;;
    "petition cancel") own="--text" ;;
    "incident likely") own="--contact --line --category --east-cell --north-cell --district" ;;
    "incident merge") own="--text" ;;
    "incident unmerge") own="--text" ;;
    "incident link") own="--text" ;;
    "incident unlink") own="--text" ;;
    "incident split") own="--category --text" ;;
    "incident upgrade") own="--priority --text" ;;
    "incident downgrade") own="--text" ;;
    "guide") own="--english" ;;
    "guide answer") own="--answer --value --address --name --text" ;;
    "task list") own="--open --department --before" ;;
    "task sign") own="--signet" ;;
    "task progress") own="--text" ;;
    "task send-back") own="--suggest --text --signet" ;;
    "task rule") own="--text" ;;
    "task reply") own="--solved --text --signet" ;;
    "task answer") own="--text" ;;
    "task reject") own="--defect --text" ;;
    "task add") own="--kind --due-ms --text" ;;
    "task recall") own="--text" ;;
    "task forward") own="--text" ;;
    "unit list") own="--department --state --district --incident" ;;
    "unit set") own="--reason" ;;
    "unit place") own="--measured-ms" ;;
    "unit alert") own="--stack" ;;
    "coverage") own="--low" ;;
    "contact transfer") own="--taker --line --kind" ;;
    "contact press") own="--user --department" ;;
    "contact join") own="--user --department --role" ;;
    "contact drop") own="--user --department" ;;
    "handover leave") own="--taker --line --incident --text" ;;
    "person find") own="--number" ;;
    "person read") own="--seq" ;;
    "person reveal") own="--fields --seq" ;;
    "text write") own="--text" ;;
    "text show") own="--reason" ;;
    "attachment save") own="--reason" ;;
    "recording save") own="--reason --tape" ;;
    "silence check") own="--found" ;;
    "mark ask") own="--days --language" ;;
    "erasure list") own="--open" ;;
    "erasure ask") own="--incident --number --words" ;;
    "erasure rule") own="--words" ;;
    "break-glass list") own="--open" ;;
    "break-glass ask") own="--words" ;;
    "break-glass agree") own="--words" ;;
    "break-glass review") own="--words" ;;
    "preserve set") own="--incident --number --words" ;;
    "preserve lift") own="--words" ;;
    "notice create") own="--text --rate --reason --line" ;;
    "notice add") own="--file --district --category --line --day" ;;
    "knowledge search") own="--category" ;;
    "knowledge list") own="--state --category" ;;
    "knowledge draft") own="--article" ;;
    "knowledge review") own="--agree --words" ;;
    "knowledge archive") own="--draft --words" ;;
    "knowledge correct") own="--words" ;;
    "knowledge rate") own="--useful --correct --clear --current" ;;
    "revisit finish") own="--reached --contacted --solved --satisfied --text" ;;
    "trail export") own="--first --last --to --pdf --open --purpose" ;;
    "trail verify") own="--key" ;;
    "events") own="--follow --after --since --until" ;;
    "kpi") own="--from --to --line --department" ;;
    "kpi recount") own="--from --to" ;;
    "capacity takers") own="--patience --within --share --shrink" ;;
    "capacity trunks") own="--wait" ;;
    "template preview") own="--english --text" ;;
    "city propose") own="--why" ;;
    "city approve") own="--why" ;;
    "city reject") own="--why" ;;
    "city withdraw") own="--words" ;;
    "city undo") own="--why" ;;
    "city history") own="--state" ;;
    "signet enrol") own="--label" ;;
    "signet list") own="--user" ;;
    "keys renew") own="--keep" ;;
    "restore") own="--to --key --until --erased" ;;
    "cluster take-over") own="--force" ;;
    "rehearse") own="--yes --force" ;;
    "user passwords") own="--generate" ;;
    "user totp") own="--none" ;;
    "user phone") own="--generate" ;;
    "help") own="--bash --zsh --man" ;;
    esac
    case $now in -*) words="$own --home --as --output --help" ;; esac
    COMPREPLY=($(compgen -W "$words" -- "$now"))
}
complete -F _yihao yihao
