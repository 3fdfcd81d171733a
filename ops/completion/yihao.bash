# Completion of yihao for bash; made by `yihao help --bash` from the verb table.
_yihao() {
    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words='' own='' plain=() i
    case $before in
    --home) COMPREPLY=($(compgen -d -- "$now")); return ;;
    -o | --output) COMPREPLY=($(compgen -W 'table json' -- "$now")); return ;;
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
    '') words="status queue takers seat incident guide task unit plan coverage contact person callback silence mark storm cluster revisit trail events kpi conf keys user metrics help" ;;
    seat) words="ready away sign-on sign-off accept finish" ;;
    incident) words="list show register dispatch tell survey attach reopen note answer void likely merge unmerge link unlink split upgrade downgrade flag" ;;
    task) words="list sign progress send-back rule reply answer reject" ;;
    unit) words="list set place alert check-in staff" ;;
    plan) words="propose raise show" ;;
    contact) words="transfer hand-over keep need reline offer-callback call-back tried silent speaks" ;;
    person) words="read" ;;
    callback) words="list try finish" ;;
    silence) words="check rule" ;;
    mark) words="list ask confirm end" ;;
    storm) words="show enter leave" ;;
    cluster) words="announce" ;;
    revisit) words="finish" ;;
    trail) words="show export verify" ;;
    conf) words="check" ;;
    keys) words="make" ;;
    user) words="password passwords phone" ;;
    esac
    [ ${#plain[@]} -lt 2 ] || words=''
    case "${plain[*]:0:2}" in
    "queue") own="--ended" ;;
    "incident list") own="--open --state --department --line --day --before" ;;
    "incident register") own="--contact --line --priority --district --secrecy --text-unsafe --anonymous --east-cell --north-cell --number --name --address --text" ;;
    "incident dispatch") own="--lead --assists" ;;
    "incident tell") own="--excuse --text" ;;
    "incident survey") own="--contacted --solved --satisfied" ;;
    "incident reopen") own="--text" ;;
    "incident note") own="--text" ;;
    "incident answer") own="--text" ;;
    "incident void") own="--text" ;;
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
    "task progress") own="--text" ;;
    "task send-back") own="--text" ;;
    "task rule") own="--text" ;;
    "task reply") own="--solved --text" ;;
    "task answer") own="--text" ;;
    "task reject") own="--text" ;;
    "unit list") own="--department --state --district --incident" ;;
    "unit set") own="--reason" ;;
    "unit place") own="--measured-ms" ;;
    "unit alert") own="--stack" ;;
    "coverage") own="--low" ;;
    "contact transfer") own="--taker --line --kind" ;;
    "silence check") own="--found" ;;
    "mark ask") own="--days --language" ;;
    "revisit finish") own="--reached --contacted --solved --satisfied --text" ;;
    "trail export") own="--first --last --to" ;;
    "trail verify") own="--key" ;;
    "events") own="--follow --after" ;;
    "kpi") own="--from --to --line --department" ;;
    "kpi recount") own="--from --to" ;;
    "user passwords") own="--generate" ;;
    "user phone") own="--generate" ;;
    "help") own="--bash --man" ;;
    esac
    case $now in -*) words="$own --home --as --output --help" ;; esac
    COMPREPLY=($(compgen -W "$words" -- "$now"))
}
complete -F _yihao yihao
