#!/bin/sh
# Rebuilds chromaboy-demo.gb with sdcc 4.2 and Python 3: build.sh [FOLDER FOR OBJECT FILES]
set -eu
cd "$(dirname "$0")"
work=${1:-$(mktemp -d)}
mkdir -p "$work"
python3 build.py "$work/data.c" "$work/data.h"
sdasgb -o "$work/crt0.rel" src/crt0.s
for name in main game video sound; do
    sdcc -msm83 --opt-code-speed -I"$work" -Isrc -c "src/$name.c" -o "$work/$name.rel"
done
sdcc -msm83 -I"$work" -Isrc -c "$work/data.c" -o "$work/data.rel"
sdcc -msm83 --no-std-crt0 --code-loc 0x0200 --data-loc 0xC000 -o "$work/demo.ihx" \
    "$work/crt0.rel" "$work/main.rel" "$work/game.rel" "$work/video.rel" "$work/sound.rel" "$work/data.rel"
makebin -Z -yc -yo 2 -yt 0x00 -yn CHROMABOY "$work/demo.ihx" ${OUT:-../chromaboy-demo.gb}
