#compdef tool
if (( CURRENT == 2 )); then
  local -a commands=(
    'show:show it'\''s things'
    'mend:mend things'
  )
  _describe command commands
  return
fi
case $words[2] in
show)
  shift words; (( CURRENT-- ))
  _arguments -s -S \
    '*--all[all of them]' \
    '*--help[show this text]' \
    '*--version[show the version]' \
    '*:file:_files' \
    && return ;;
mend)
  shift words; (( CURRENT-- ))
  _arguments -s -S \
    '*--all[all of them]' \
    '*--help[show this text]' \
    '*--version[show the version]' \
    && return ;;
esac
