#compdef play
_arguments -s -S \
  '*--listen=[listen on ADDR \[default\: a '\''private'\'' socket\]]:value: ' \
  '*--how=[play HOW\: fast or slow]:value:(fast slow)' \
  '*--tape=[play FILE; may be repeated]:value:_files' \
  '*--loud[be loud]' \
  '*--help[show this text]' \
  '*--version[show the version]' \
  '*:file:_files' \
  '(-)--[COMMAND]:command:_normal'
