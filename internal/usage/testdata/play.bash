# bash completion for play
_play() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset $((i + 1))
            else
                COMPREPLY=($(compgen -c -- "$cur"))
            fi
            return
        fi
    done
    case $prev in
    --listen) return ;;
    --how) COMPREPLY=($(compgen -W "fast slow" -- "$cur")); return ;;
    --tape) return ;;
    esac
    [[ $cur != -* ]] || COMPREPLY=($(compgen -W "--listen --how --tape --loud --help --version" -- "$cur"))
}
complete -o default -F _play play
