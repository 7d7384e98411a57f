"""The style sheet with @tokens for colours. Kept short: Fusion and the palette do the rest."""

SHEET = """
QWidget { color: @text; }
QMainWindow, QDialog { background: @background; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
QToolButton, QPushButton { background: transparent; color: @text; border: 0; border-radius: 4px; padding: 3px 8px; }
QToolButton:hover, QPushButton:hover { background: @hover; }
QToolButton:pressed, QPushButton:pressed { background: @raised; }
QToolButton:checked, QPushButton:checked { background: @accent_soft; color: @text; }
QToolButton:disabled, QPushButton:disabled { color: @faint; }
QToolButton:focus, QPushButton:focus { outline: 0; }
QToolButton::menu-indicator { image: none; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; padding: 4px 14px; }
QPushButton[outlined="true"] { background: @raised; border: 1px solid @border; padding: 4px 12px; }
QPushButton[outlined="true"]:hover { border-color: @accent; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateEdit, QPlainTextEdit, QTextEdit {
    background: @raised; color: @text; border: 1px solid @border; border-radius: 4px; padding: 3px 6px;
    selection-background-color: @accent_soft;
}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus {
    border: 1px solid @accent;
}
QComboBox::drop-down { subcontrol-origin: padding; subcontrol-position: center right; width: 16px; border: 0; }
QComboBox::down-arrow { image: url("ICONS/arrow.svg"); width: 10px; height: 10px; }
QComboBox QAbstractItemView, QMenu {
    background: @raised; color: @text; border: 1px solid @border; selection-background-color: @accent_soft;
}
QMenu::item { padding: 4px 22px 4px 22px; }
QMenu::item:selected { background: @accent_soft; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QTableView, QTreeView, QListView {
    background: @panel; alternate-background-color: @row; border: 0; gridline-color: @grid;
    selection-background-color: @selection; selection-color: @text;
}
QHeaderView { background: @panel; }
QHeaderView::section {
    background: @panel; color: @dim; border: 0; border-bottom: 1px solid @border; padding: 4px 6px;
}
QTableCornerButton::section { background: @panel; border: 0; }
QCheckBox::indicator {
    width: 13px; height: 13px; border: 1px solid @grid_strong; border-radius: 3px; background: @raised;
}
QCheckBox::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url("ICONS/tick.svg"); }
QSlider::groove:horizontal { height: 4px; background: @raised; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent_soft; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; background: @accent; }
QSlider::handle:horizontal:hover { background: @info; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: @grid_strong; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @border; }
QSplitter::handle:hover { background: @accent; }
QTabBar::tab {
    background: transparent; color: @dim; padding: 5px 12px; border: 0; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabWidget::pane { border: 0; border-top: 1px solid @border; }
QProgressBar { background: @raised; border: 0; border-radius: 3px; text-align: center; color: @text; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QStatusBar { background: @background; color: @dim; border-top: 1px solid @border; }
QStatusBar::item { border: 0; }
QMenuBar { background: @background; }
QMenuBar::item:selected { background: @hover; }
QGroupBox { border: 1px solid @border; border-radius: 4px; margin-top: 10px; padding-top: 6px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: @dim; }
ads--CDockContainerWidget { background: @background; }
ads--CDockAreaWidget { background: @panel; border: 0; }
ads--CDockAreaTitleBar { background: @background; border: 0; padding: 0; }
ads--CDockWidgetTab { background: @background; border: 0; border-right: 1px solid @background; padding: 2px 6px; }
ads--CDockWidgetTab[activeTab="true"] { background: @panel; }
ads--CDockWidgetTab QLabel { color: @dim; }
ads--CDockWidgetTab[activeTab="true"] QLabel { color: @text; }
ads--CDockWidget { background: @panel; border: 0; }
ads--CDockSplitter::handle { background: @background; }
"""
