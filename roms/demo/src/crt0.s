; Startup: vectors, header, a cleared work RAM, and the model of the console for C.
        .module crt0
        ; C prefixes its names with an underscore.
        .globl  _main, _vblank_isr, _stat_isr, _is_color

        .area   _HEADER (ABS)
        .org    0x0040
        jp      _vblank_isr
        .org    0x0048
        jp      _stat_isr
        .org    0x0100
        nop
        jp      start

        .org    0x0150
start:
        di
        ld      sp, #0xDFFF
        ld      e, a            ; 0x11 on the Color
        ld      hl, #0xC000
        ld      bc, #0x1F00
clear:
        xor     a
        ld      (hl+), a
        dec     bc
        ld      a, b
        or      c
        jr      nz, clear
        ld      a, e
        cp      #0x11
        ld      a, #0
        jr      nz, monochrome
        inc     a
monochrome:
        ld      (_is_color), a
        ld      hl, #dma_routine
        ld      c, #0x80
        ld      b, #dma_end - dma_routine
copy:
        ld      a, (hl+)
        ldh     (c), a
        inc     c
        dec     b
        jr      nz, copy
        call    _main
        rst     0x00

; OAM DMA keeps the CPU off every bus but the one of high RAM, where this runs.
dma_routine:
        ld      a, #0xC0
        ldh     (0x46), a
        ld      a, #40
wait:
        dec     a
        jr      nz, wait
        ret
dma_end:

        .area   _CODE
_run_dma::
        jp      0xFF80

        .area   _DATA
; OAM DMA copies from here, the first page of work RAM.
_shadow_objects::
        .ds     160
_is_color::
        .ds     1
        .area   _GSINIT
        .area   _GSFINAL
        .area   _INITIALIZED
        .area   _INITIALIZER
        .area   _HOME
