; NSIS: the Windows installer, of the folder that packaging/build.py made.
;     makensis /DVERSION=x.y.z /DFOLDER=dist\pyroquant packaging\pyroquant.nsi
Unicode true
!include "MUI2.nsh"
Name "PyroQuant"
OutFile "PyroQuant-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\PyroQuant"
RequestExecutionLevel user
SetCompressor /SOLID lzma
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

Section "PyroQuant"
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}\*.*"
  CreateShortcut "$SMPROGRAMS\PyroQuant.lnk" "$INSTDIR\pyroquant.exe"
  CreateShortcut "$DESKTOP\PyroQuant.lnk" "$INSTDIR\pyroquant.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\PyroQuant" "DisplayName" "PyroQuant"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\PyroQuant" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\PyroQuant" "UninstallString" "$INSTDIR\uninstall.exe"
SectionEnd

; What a person made (data, settings) lies elsewhere and stays.
Section "Uninstall"
  Delete "$SMPROGRAMS\PyroQuant.lnk"
  Delete "$DESKTOP\PyroQuant.lnk"
  RMDir /r "$INSTDIR"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall\PyroQuant"
SectionEnd
